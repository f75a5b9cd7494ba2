import { randomUUID } from 'node:crypto'
import {
  encodeEvent,
  ledgerSeqHeader,
  previousHashHeader,
  streamIdOf,
  timeOf,
  type DeploymentEvent,
  type DeploymentFacts,
  type DomainEvent,
  type IncidentFacts,
  type WireRecord,
} from '#libs/contracts'
import type { Query } from '#libs/postgres'
import { deployments, preparePositions, projectBatch, ReadModels, readPositions, readRecord } from '#libs/read-models'
import { createDatabase, type TestDatabase } from '../../kit/index.js'

const PARTITIONS = 12
const quiet = { info: () => undefined, warn: () => undefined }

export interface GivenEvent {
  tenant: string
  application: string
  event: DeploymentEvent
  actor?: string
  correlationId?: string
  /** When we learned of it. */
  recordedTime?: string
}

/** An event of another kind of stream; a tenant's share one order, but for those with an application. */
export interface GivenOfTenant {
  tenant: string
  streamId: string
  application?: string
  event: DomainEvent
  actor?: string
  correlationId?: string
  recordedTime?: string
}

/** A log in memory, and read models on a real Postgres that follow it. */
export class GivenLog {
  private readonly log = new Map<number, WireRecord[]>()
  private readonly versions = new Map<string, number>()

  private constructor(
    readonly database: TestDatabase,
    readonly readModels: ReadModels,
    readonly reader: ReadModels,
  ) {}

  static async start(): Promise<GivenLog> {
    const database = await createDatabase('read_models')
    const options = { databaseUrl: database.url, applicationName: 'test', logger: quiet }
    const readModels = new ReadModels({ ...options, access: 'project' })
    await readModels.open()
    const reader = new ReadModels({ ...options, access: 'read' })
    await reader.open()
    await preparePositions(readModels.query, deployments.name, PARTITIONS)
    return new GivenLog(database, readModels, reader)
  }

  async end(): Promise<void> {
    await this.reader.close()
    await this.readModels.close()
    await this.database.drop()
  }

  /** Asks as the query app does: with the role that can only read. */
  get query(): Query {
    return this.reader.query
  }

  /** Appends events to the log, and projects them. */
  async given(...events: (GivenEvent | GivenOfTenant)[]): Promise<void> {
    this.append(events)
    await this.project()
  }

  /** Appends events to the log; they are not projected yet. */
  append(events: (GivenEvent | GivenOfTenant)[]): WireRecord[] {
    return events.map(given => this.appendOne(given))
  }

  /** Projects what was appended and is not projected yet, in batches of these sizes, the last one repeating. */
  async project(sizes: number[] = [Infinity]): Promise<void> {
    const positions = await readPositions(this.readModels.query, deployments.name)
    for (const [partition, records] of this.log) {
      let from = positions.get(partition)!
      for (let batch = 0; from.seq < records.length; batch++) {
        const size = sizes[Math.min(batch, sizes.length - 1)]!
        const events = records.slice(from.seq, from.seq + size).map(readRecord)
        const to = { seq: from.seq + events.length, nextOffset: from.seq + events.length }
        if (!(await projectBatch(this.readModels, deployments, partition, { from, events, to }))) {
          throw new Error(`position ${partition}:${from.seq} was superseded`)
        }
        from = to
      }
    }
  }

  /** What the log holds of a partition. */
  records(partition: number): readonly WireRecord[] {
    return this.log.get(partition) ?? []
  }

  private appendOne(given: GivenEvent | GivenOfTenant): WireRecord {
    const { tenant, event, actor, recordedTime, correlationId = randomUUID() } = given
    const streamId = 'streamId' in given ? given.streamId : streamIdOf('deployment', tenant, given.event.deploymentId)
    const streamVersion = (this.versions.get(streamId) ?? 0) + 1
    this.versions.set(streamId, streamVersion)
    const recorded = recordedTime ?? '2026-11-21T12:00:00Z'
    const metadata = {
      id: randomUUID(),
      tenant,
      streamId,
      streamVersion,
      time: timeOf(event, recorded),
      recordedTime: recorded,
      causationId: randomUUID(),
      commandHash: '0'.repeat(64),
      correlationId,
      ...(actor !== undefined && { actor }),
    }
    const { key, value, headers } = encodeEvent(
      { metadata, event },
      'application' in given ? given.application : undefined,
    )
    const partition = partitionOf(key)
    const records = this.log.get(partition) ?? []
    this.log.set(partition, records)
    const all = {
      ...headers,
      [ledgerSeqHeader]: String(records.length + 1),
      [previousHashHeader]: '0'.repeat(64),
    }
    const record = {
      partition,
      key: Buffer.from(key),
      value: Buffer.from(value),
      headers: Object.fromEntries(Object.entries(all).map(([name, text]) => [name, Buffer.from(text)])),
    }
    records.push(record)
    return record
  }
}

/** Any function will do that gives an application one partition. */
export function partitionOf(key: string): number {
  return [...key].reduce((sum, character) => (sum * 31 + character.codePointAt(0)!) % PARTITIONS, 7)
}

/** A deployment that was recorded; what is not said is the same for all. */
export function recorded(
  facts: Partial<DeploymentFacts> & {
    id?: string
    tenant?: string
    actorOfCommand?: string
    recordedTime?: string
  } = {},
): GivenEvent & { id: string } {
  const { id = randomUUID(), tenant = 'acme', actorOfCommand, recordedTime, ...told } = facts
  const application = told.application ?? 'checkout'
  const defaults = {
    environment: 'production',
    imageTag: 'v1',
    status: 'DEPLOYED' as const,
    deployedAt: '2026-02-12T10:00:00Z',
  }
  return {
    id,
    tenant,
    application,
    event: { type: 'DeploymentRecorded', deploymentId: id, ...defaults, ...told, application },
    ...(actorOfCommand !== undefined && { actor: actorOfCommand }),
    ...(recordedTime !== undefined && { recordedTime }),
  }
}

/** Something that happened to a deployment after it was recorded. */
export function afterwards(
  { tenant, application, event }: GivenEvent,
  what: DeploymentEvent extends infer E ? (E extends unknown ? Omit<E, 'deploymentId'> : never) : never,
): GivenEvent {
  return { tenant, application, event: { ...what, deploymentId: event.deploymentId } as DeploymentEvent }
}

/** An incident that was opened; with the defaults of the API, but for the application. */
export function opened(
  facts: Partial<IncidentFacts> & { id?: string; tenant?: string; recordedTime?: string } = {},
): GivenOfTenant & { id: string } {
  const { id = randomUUID(), tenant = 'acme', recordedTime, startedAt = '2026-02-12T10:30:00Z', ...told } = facts
  const slot = told.deploymentId === undefined ? { application: 'checkout', environment: 'production' } : {}
  const event = { type: 'IncidentOpened' as const, incidentId: id, ...slot, ...told, startedAt }
  return {
    id,
    tenant,
    streamId: streamIdOf('incident', tenant, id),
    ...(event.application !== undefined && { application: event.application }),
    event,
    ...(recordedTime !== undefined && { recordedTime }),
  }
}

/** The resolution of an incident. */
export function resolved(
  { id, tenant, streamId, application }: ReturnType<typeof opened>,
  resolvedAt: string,
  recordedTime?: string,
): GivenOfTenant {
  return {
    tenant,
    streamId,
    ...(application !== undefined && { application }),
    event: { type: 'IncidentResolved', incidentId: id, resolvedAt },
    ...(recordedTime !== undefined && { recordedTime }),
  }
}
