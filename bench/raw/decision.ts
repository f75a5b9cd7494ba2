import { randomUUID } from 'node:crypto'
import { v7 as uuidV7 } from 'uuid'
import { encodeEvent, eventsOf, hashJson, streamIdOf, type DeploymentFacts } from '#libs/contracts'
import { deployment } from '#libs/domain'
import { partitionFor, type PlacedEvent } from '#libs/event-log'
import type { SentDeployment } from '../harness/load/deployments.js'

/** The rows of one decision, as the ledger writes them, and its event. */
export interface Decision {
  stream: Row<'stream_id'>
  command: Row<'command_id'>
  outbox: Row<'event_id' | 'command_id'>
  entries: object[]
  event: PlacedEvent
}

type Row<Key extends string> = Record<Key, string> & Record<string, unknown>

/** Decides that a deployment is recorded. @param now when (RFC 3339) */
export function decide({ tenant, body }: SentDeployment, now: string): Decision {
  const [id, commandId, eventId] = [uuidV7(), uuidV7(), uuidV7()]
  const facts: DeploymentFacts = { ...body, status: 'DEPLOYED' }
  const command = { type: 'RecordDeployment', deploymentId: id, tenant, now, facts } as const
  const [recorded] = eventsOf(deployment.decide(command, deployment.initial))
  if (!recorded) throw new Error(`a deployment was refused: ${JSON.stringify(body)}`)
  const state = deployment.evolve(deployment.initial, recorded)
  const streamId = streamIdOf(deployment.category, tenant, id)
  const bodyHash = hashJson(body)
  const metadata = {
    id: eventId,
    tenant,
    streamId,
    streamVersion: 1,
    time: body.deployedAt,
    recordedTime: now,
    causationId: commandId,
    commandHash: bodyHash,
    correlationId: randomUUID(),
  }
  const event = encodeEvent({ event: recorded, metadata }, deployment.orderingKey(state))
  const partition = partitionFor(event.key)
  const of = { stream_id: streamId, tenant }
  const columns = { recorded_at: now, first_event_id: eventId, created_by: commandId, updated_by: commandId }
  return {
    stream: { ...of, version: 1, state, ...columns },
    command: {
      command_id: commandId,
      tenant,
      body_hash: bodyHash,
      outcome: 'decided',
      answer: { state, streamVersion: 1, recordedAt: now },
      events: 1,
      received_at: now,
    },
    outbox: {
      event_id: eventId,
      command_id: commandId,
      stream_id: streamId,
      version: 1,
      partition,
      ...event,
      bytes: Buffer.byteLength(event.value),
    },
    entries: deployment.indexEntries(state).map(({ name, groupKey, rank }) => ({
      ...of,
      name,
      group_key: groupKey,
      rank,
      first_event_id: eventId,
    })),
    event: { ...event, partition },
  }
}
