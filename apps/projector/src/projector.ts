import type { LogBatch, LogReader } from '#libs/event-log'
import { PARTITIONS } from '#libs/event-log'
import type { Log } from '#libs/operations'
import {
  endOf,
  isFaultOfEvent,
  parkedPartitions,
  pauseFor,
  preparePositions,
  projectBatch,
  projectBatches,
  readChunk,
  readPositions,
  Statistics,
  unparkEvent,
  type Chunk,
  type Obstacle,
  type ProjectedPosition,
  type Projection,
  type ReadModels,
} from '#libs/read-models'
import { Halts } from './halts.js'
import type { PartitionState } from './partition-state.js'
import type { ProjectorMetrics } from './projector-metrics.js'
import { Turns, type Brought } from './turns.js'

const FIRST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 5000

/** Events with their records. */
type Stretch = Pick<Chunk, 'events' | 'records'>

/** Folds what a reader brings into the read models: each event once, in order, or the partition halts in front of it. */
export class Projector {
  private readonly partitions = new Map<number, PartitionState>()
  private readonly statistics = new Statistics()
  private readonly stopping = new AbortController()
  private readonly halts: Halts
  private readonly turns = new Turns({
    together: all => this.projectTogether(all),
    alone: ({ batch, reader }) => this.projectAlone(batch, reader),
  })

  constructor(
    private readonly readModels: ReadModels,
    private readonly projection: Projection,
    private readonly metrics: ProjectorMetrics,
    private readonly log: Log,
  ) {
    this.halts = new Halts(readModels, projection, metrics, log)
  }

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
   * Projects a batch; of each partition there is one at a time. Never rejects: while Postgres is away it waits, and has the
   * batch read again; what cannot be projected halts its partition.
   */
  project(batch: LogBatch, reader: LogReader): Promise<void> {
    return this.turns.take({ batch, reader })
  }

  /** Lets halted partitions go on that another process has got beyond. */
  release(stored: ReadonlyMap<number, ProjectedPosition>, reader: LogReader): void {
    for (const [partition, state] of this.partitions) {
      this.halts.release(partition, state, stored.get(partition), reader)
    }
  }

  /** Projects what it can in one transaction. Where that fails, whatever the reason, each finds its own alone. */
  private async projectTogether(all: Brought[]): Promise<Brought[]> {
    try {
      return await this.projectPlain(all)
    } catch (error) {
      this.log.debug('batches could not be projected together', { error })
      return []
    }
  }

  /** Projects those that need no second look. */
  private async projectPlain(all: Brought[]): Promise<Brought[]> {
    const read = all.map(brought => {
      const { partition, records } = brought.batch
      const state = this.partitions.get(partition)!
      return { brought, partition, state, chunk: readChunk(records, 0, state.position.seq) }
    })
    const plain = read.filter(
      ({ brought, chunk }) =>
        chunk.next === brought.batch.records.length && !chunk.poison && !chunk.gap && chunk.duplicates.length === 0,
    )
    if (plain.length === 0) return []
    const started = performance.now()
    const steps = plain.map(({ partition, state, chunk }) => {
      return { partition, from: state.position, events: chunk.events, to: endOf(chunk) }
    })
    if (!(await projectBatches(this.readModels, this.projection, steps))) return []
    const count = steps.reduce((sum, { events }) => sum + events.length, 0)
    this.metrics.committed(count, (performance.now() - started) / 1000)
    for (const { partition, state, chunk } of plain) {
      this.progressed(partition, state, chunk)
      state.faults = 0
    }
    await this.afterProgress(plain, count)
    return plain.map(({ brought }) => brought)
  }

  private async projectAlone({ partition, records }: LogBatch, reader: LogReader): Promise<void> {
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
      const applying = this.apply(partition, state, chunk)
      // While Postgres works, the next ones are read.
      const following = ended ? undefined : readChunk(records, chunk.next, chunk.events.at(-1)!.seq)
      const outcome = await applying
      if (outcome === 'superseded') {
        state.position = (await this.storedPositions()).get(partition)!
        this.log.info('another process has projected this partition', { partition, ...state.position })
        chunk = readChunk(records, 0, state.position.seq)
        continue
      }
      if (outcome !== 'applied') return this.halts.park(partition, state, outcome, reader)
      if (chunk.poison) return this.halts.park(partition, state, chunk.poison, reader)
      if (chunk.gap) return this.goBack(partition, state, chunk.gap, reader)
      if (!following) return
      chunk = following
    }
  }

  /** Applies events in one transaction; where one cannot be applied, those before it, and says which one it is. */
  private async apply(
    partition: number,
    state: PartitionState,
    chunk: Stretch,
  ): Promise<'applied' | 'superseded' | Obstacle> {
    const { events, records } = chunk
    if (events.length === 0) return 'applied'
    const started = performance.now()
    try {
      const step = { from: state.position, events, to: endOf(chunk) }
      if (!(await projectBatch(this.readModels, this.projection, partition, step))) return 'superseded'
    } catch (error) {
      if (!isFaultOfEvent(error)) throw error
      if (events.length === 1) return { record: records[0]!, reason: String(error) }
      const middle = events.length >> 1
      const half = (from: number, to?: number) => ({ records: records.slice(from, to), events: events.slice(from, to) })
      const before = await this.apply(partition, state, half(0, middle))
      if (before !== 'applied') return before
      return this.apply(partition, state, half(middle))
    }
    this.metrics.committed(events.length, (performance.now() - started) / 1000)
    this.progressed(partition, state, chunk)
    await this.afterProgress([{ partition, state }], events.length)
    return 'applied'
  }

  private progressed(partition: number, state: PartitionState, chunk: Stretch): void {
    this.metrics.projected(partition, chunk.events.length)
    state.position = endOf(chunk)
    state.lastRecorded = new Date(chunk.events.at(-1)!.metadata.recordedTime)
    delete state.wentBackAt
  }

  private async afterProgress(moved: { partition: number; state: PartitionState }[], events: number): Promise<void> {
    const { query } = this.readModels
    for (const { partition, state } of moved) {
      if (!state.parked) continue
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
    if (state.wentBackAt === state.position.seq) return this.halts.halt(partition, state, gap.reason, reader)
    state.position = (await this.storedPositions()).get(partition)!
    state.wentBackAt = state.position.seq
    this.log.warn('the reader is beyond what is projected, it goes back', {
      partition,
      ...state.position,
      gap: gap.reason,
    })
    reader.seek(partition, state.position.nextOffset)
  }
}
