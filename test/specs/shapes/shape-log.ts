import { randomUUID } from 'node:crypto'
import { v7 as uuidV7 } from 'uuid'
import {
  encodeEvent,
  eventsOf,
  formatInstant,
  isRejection,
  streamIdOf,
  timeOf,
  type Decider,
  type DomainEvent,
} from '#libs/contracts'
import { deployment, incident } from '#libs/domain'
import { chain, emptyTail, partitionFor, type PlacedEvent, type Tail } from '#libs/event-log'
import type { ShapeCommand } from './shape-commands.js'

/** When the first command was decided, after all that the shapes tell; each further one comes a millisecond later. */
const FIRST_NOW = Date.UTC(2026, 10, 29)
const TENANT = 'shapes'

/** The events of commands, as the ledger appends them. @throws Error where one is refused */
export function eventsOfCommands(commands: readonly ShapeCommand[]): PlacedEvent[] {
  const streams = new Map<string, { state: unknown; version: number }>()
  const tails = new Map<number, Tail>()
  return commands.map((command, n) => {
    const now = formatInstant(new Date(FIRST_NOW + n))
    const isOfIncident = 'incidentId' in command
    const decider = (isOfIncident ? incident : deployment) as Decider<unknown, unknown, DomainEvent>
    const streamId = streamIdOf(decider.category, TENANT, isOfIncident ? command.incidentId : command.deploymentId)
    const { state, version } = streams.get(streamId) ?? { state: decider.initial, version: 0 }
    const decision = decider.decide({ ...command, now, tenant: TENANT }, state)
    if (isRejection(decision)) throw new Error(`${command.type} was refused: ${decision.reason}`)
    const event = eventsOf(decision)[0]!
    const after = decider.evolve(state, event)
    streams.set(streamId, { state: after, version: version + 1 })
    const metadata = {
      id: uuidV7(),
      tenant: TENANT,
      streamId,
      streamVersion: version + 1,
      time: timeOf(event, now),
      recordedTime: now,
      causationId: uuidV7(),
      commandHash: '0'.repeat(64),
      correlationId: randomUUID(),
    }
    const encoded = encodeEvent({ event, metadata }, decider.orderingKey(after))
    const partition = partitionFor(encoded.key)
    const chained = chain(encoded, tails.get(partition) ?? emptyTail)
    tails.set(partition, chained.tail)
    return { ...chained.event, partition }
  })
}
