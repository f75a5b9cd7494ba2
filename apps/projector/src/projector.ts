import type { LogBatch, LogReader } from '#libs/event-log'
import { PARTITIONS } from '#libs/event-log'
import type { Log } from '#libs/operations'
import {
  isFaultOfEvent,
  parkedPartitions,
  parkEvent,
  pauseFor,
  preparePositions,
  projectBatch,
  readPositions,
  Statistics,
  unparkEvent,
  type ProjectedEvent,
  type ProjectedPosition,
  type Projection,
  type ReadModels,
} from '#libs/read-models'
import { readChunk, seqOf, type Chunk, type Obstacle } from './chunk.js'
import type { Halt, PartitionState } from './partition-state.js'
import type { ProjectorMetrics } from './projector-metrics.js'

const FIRST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 5000

/** Folds what a reader brings into the read models: each event once, in order, or the partition halts in front of it. */
export class Projector {
  private readonly partitions = new Map<number, PartitionState>()
  private readonly statistics = new Statistics()
  private readonly stopping = new AbortController()

  constructor(
    private readonly readModels: ReadModels,
    private readonly projection: Projection,
    private readonly metrics: ProjectorMetrics,
    private readonly log: Log,
  ) {}

  /** Makes the tables and learns where each partition stands. Throws ReadModelsUnavailable. */
  async open(): Promise<void> {
    await this.readModels.open()
    const { query } = this.readModels
    await preparePositions(query, this.projection.name, PARTITIONS)
    const parked = await parkedPartitions(query, this.projection.name)
    for (const [partition, position] of await this.storedPositions()) {
      this.partitions.set(partition, { position, faults: 0, parked: parked.includes(partition) })
    }
  }

  /** Waits no longer for anything. */
  stop(): void {
    this.stopping.abort()
  }

  /** Where each partition stands, as far as this process knows. */
  states(): ReadonlyMap<number, Readonly<PartitionState>> {
    return this.partitions
  }

  storedPositions(): Promise<Map<number, ProjectedPosition>> {
    return readPositions(this.readModels.query, this.projection.name)
  }

  /**
   * Projects a batch. Never rejects: while Postgres is away it waits, and has the batch read again; what cannot be
   * projected halts its partition.
   */
  async project({ partition, records }: LogBatch, reader: LogReader): Promise<void> {
    const state = this.partitions.get(partition)!
    try {
      await this.projectRecords(partition, state, records, reader)
      state.faults = 0
    } catch (error) {
      const pause = Math.min(FIRST_PAUSE_MS * 2 ** state.faults, LONGEST_PAUSE_MS)
      state.faults += 1
      this.log.warn('a batch could not be projected, it will be tried again', { partition, error, retryInMs: pause })
      await pauseFor(pause, this.stopping.signal)
      reader.seek(partition, state.position.nextOffset)
    }
  }

  /** Lets halted partitions go on that another process has got beyond. */
  release(stored: ReadonlyMap<number, ProjectedPosition>, reader: LogReader): void {
    for (const [partition, state] of this.partitions) {
      const position = stored.get(partition)
      if (!state.halt || !position || position.seq <= state.halt.position.seq) continue
      this.log.info('a halted partition goes on: another process has got beyond', { partition, ...position })
      state.position = position
      delete state.halt
      this.metrics.halted(partition, false)
      reader.seek(partition, position.nextOffset)
      reader.resume(partition)
    }
  }

  private async projectRecords(
    partition: number,
    state: PartitionState,
    records: LogBatch['records'],
    reader: LogReader,
  ): Promise<void> {
    let chunk = readChunk(records, 0, state.position.seq)
    for (;;) {
      this.tellDuplicates(partition, state, chunk)
      const ended = chunk.poison !== undefined || chunk.gap !== undefined || chunk.next >= records.length
      const applying = this.apply(partition, state, chunk.records, chunk.events)
      // While Postgres works, the next ones are read.
      const following = ended ? undefined : readChunk(records, chunk.next, chunk.events.at(-1)!.seq)
      const outcome = await applying
      if (outcome === 'superseded') {
        state.position = (await this.storedPositions()).get(partition)!
        this.log.info('another process has projected this partition', { partition, ...state.position })
        chunk = readChunk(records, 0, state.position.seq)
        continue
      }
      if (outcome !== 'applied') return this.park(partition, state, outcome, reader)
      if (chunk.poison) return this.park(partition, state, chunk.poison, reader)
      if (chunk.gap) return this.goBack(partition, state, chunk.gap, reader)
      if (!following) return
      chunk = following
    }
  }

  /** Applies events in one transaction; where one cannot be applied, those before it, and says which one it is. */
  private async apply(
    partition: number,
    state: PartitionState,
    records: LogBatch['records'],
    events: readonly ProjectedEvent[],
  ): Promise<'applied' | 'superseded' | Obstacle> {
    if (events.length === 0) return 'applied'
    const started = performance.now()
    const to = { seq: events.at(-1)!.seq, nextOffset: records.at(-1)!.offset + 1 }
    try {
      const advanced = await projectBatch(this.readModels, this.projection, partition, {
        from: state.position,
        events,
        to,
      })
      if (!advanced) return 'superseded'
    } catch (error) {
      if (!isFaultOfEvent(error)) throw error
      if (events.length === 1) return { record: records[0]!, reason: String(error) }
      const middle = events.length >> 1
      const before = await this.apply(partition, state, records.slice(0, middle), events.slice(0, middle))
      if (before !== 'applied') return before
      return this.apply(partition, state, records.slice(middle), events.slice(middle))
    }
    this.metrics.projected(partition, events.length, (performance.now() - started) / 1000)
    state.position = to
    state.lastRecorded = new Date(events.at(-1)!.metadata.recordedTime)
    delete state.wentBackAt
    await this.afterProgress(partition, state, events.length)
    return 'applied'
  }

  private async afterProgress(partition: number, state: PartitionState, events: number): Promise<void> {
    const { query } = this.readModels
    if (state.parked) {
      await unparkEvent(query, this.projection.name, partition)
      state.parked = false
    }
    await this.statistics.grown(query, events)
  }

  private tellDuplicates(partition: number, { position }: PartitionState, { duplicates }: Chunk): void {
    // Before the stored offset they are what a new owner reads again; behind it, the log itself repeats a number.
    const repeated = duplicates.filter(({ offset }) => offset >= position.nextOffset)
    if (repeated.length === 0) return
    this.metrics.skipped(partition, repeated.length)
    const [{ offset }] = repeated as [LogBatch['records'][number]]
    this.log.warn('the log repeats a ledgerseq: what is projected already is skipped', { partition, offset })
  }

  // The reader may have begun behind the stored position: a database that was restored, a partition that changed hands.
  private async goBack(partition: number, state: PartitionState, gap: Obstacle, reader: LogReader): Promise<void> {
    if (state.wentBackAt === state.position.seq) return this.halt(partition, state, gap.reason, reader)
    state.position = (await this.storedPositions()).get(partition)!
    state.wentBackAt = state.position.seq
    this.log.warn('the reader is beyond what is projected, it goes back', {
      partition,
      ...state.position,
      gap: gap.reason,
    })
    reader.seek(partition, state.position.nextOffset)
  }

  private async park(partition: number, state: PartitionState, poison: Obstacle, reader: LogReader): Promise<void> {
    const { record, reason } = poison
    const header = (name: string) => record.headers[name]?.toString()
    await parkEvent(this.readModels.query, {
      projection: this.projection.name,
      partition,
      offset: record.offset,
      seq: seqOf(record),
      eventId: header('ce_id'),
      type: header('ce_type'),
      reason,
    })
    state.parked = true
    const name = `event ${seqOf(record) ?? 'without ledgerseq'} at offset ${record.offset} (${header('ce_type') ?? 'no type'})`
    this.halt(partition, state, `${name} cannot be projected: ${reason}`, reader)
  }

  private halt(partition: number, state: PartitionState, reason: string, reader: LogReader): void {
    const halt: Halt = { position: state.position, reason, since: new Date() }
    state.halt = halt
    this.metrics.halted(partition, true)
    this.log.error('a partition is halted, a restart tries it again', { partition, ...state.position, reason })
    // The batch under way is not handled then: the group's offset stays in front of what is not projected.
    reader.seek(partition, state.position.nextOffset)
    reader.halt(partition)
  }
}
