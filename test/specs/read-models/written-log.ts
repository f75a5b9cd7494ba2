import { randomUUID } from 'node:crypto'
import { encodeEvent, streamIdOf, timeOf, type WireEvent } from '#libs/contracts'
import { chain, emptyTail, EventLog, partitionFor, type Appender, type Tail } from '#libs/event-log'
import { brokers, freshTopicName } from '../../kit/index.js'
import type { GivenEvent } from './given-log.js'

const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }

/** A topic of its own that a test writes as the ledger would, and also as the ledger never would. */
export class WrittenLog {
  private readonly tails = new Map<number, Tail>()
  private readonly versions = new Map<string, number>()

  private constructor(
    readonly topic: string,
    private readonly log: EventLog,
    private readonly appender: Appender,
  ) {}

  static async start(): Promise<WrittenLog> {
    const topic = freshTopicName('written')
    const log = new EventLog({ brokers: brokers(), topic, clientId: 'test', logger: quiet })
    await log.prepare()
    return new WrittenLog(topic, log, await log.openAppender())
  }

  async end(): Promise<void> {
    await this.appender.close()
    await this.log.close()
  }

  /** Last `ledgerseq` of a partition. */
  lastSeq(partition: number): number {
    return this.tails.get(partition)?.seq ?? 0
  }

  /** Positions of everything that was written. */
  get positions(): Map<number, number> {
    return new Map([...this.tails].map(([partition, { seq }]) => [partition, seq]))
  }

  /** Writes events, each with the place after the one before it. */
  async write(...events: GivenEvent[]): Promise<void> {
    await this.appender.append(events.map(event => this.place(partitionOf(event), this.encode(event))))
  }

  /** Writes one event whose record is changed on the way, and gives it the place that it would have had. */
  async writeChanged(event: GivenEvent, change: (record: WireEvent) => WireEvent): Promise<void> {
    const placed = this.place(partitionOf(event), this.encode(event))
    await this.appender.append([{ ...change(placed), partition: placed.partition }])
  }

  /** Events as `write` would write them next, with their places; they are not written. */
  encoded(...events: GivenEvent[]): WireEvent[] {
    const tails = new Map(this.tails)
    return events.map(event => this.place(partitionOf(event), this.encode(event), tails))
  }

  /** Leaves out some places, as if events had been lost. */
  loseEvents(partition: number, count: number): void {
    const { seq, hash } = this.tails.get(partition) ?? emptyTail
    this.tails.set(partition, { seq: seq + count, hash })
  }

  private place(partition: number, event: WireEvent, tails = this.tails): WireEvent & { partition: number } {
    const chained = chain(event, tails.get(partition) ?? emptyTail)
    tails.set(partition, chained.tail)
    return { ...chained.event, partition }
  }

  private encode({ tenant, application, event, actor, recordedTime = '2026-11-21T12:00:00Z' }: GivenEvent): WireEvent {
    const streamId = streamIdOf('deployment', tenant, event.deploymentId)
    const streamVersion = (this.versions.get(streamId) ?? 0) + 1
    this.versions.set(streamId, streamVersion)
    const metadata = {
      id: randomUUID(),
      tenant,
      streamId,
      streamVersion,
      time: timeOf(event, recordedTime),
      recordedTime,
      causationId: randomUUID(),
      commandHash: '0'.repeat(64),
      correlationId: randomUUID(),
      ...(actor !== undefined && { actor }),
    }
    return encodeEvent({ metadata, event }, application)
  }
}

/** The partition that an event goes to. */
export function partitionOf({ tenant, application }: Pick<GivenEvent, 'tenant' | 'application'>): number {
  return partitionFor(`${tenant}/${application}`)
}
