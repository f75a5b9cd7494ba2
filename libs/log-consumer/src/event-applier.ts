import type { LoggedEvent } from '#libs/contracts'
import type { LogRecord } from '#libs/event-log'
import { backOffMs, pauseFor } from './back-off.js'
import { endOf, readChunk, type Chunk } from './chunk.js'
import type { LogConsumerOptions } from './options.js'
import type { PartitionHalts, ReaderControl } from './partition-halts.js'
import type { PartitionState, PartitionStep, UnreadableRecord } from './partition.js'

const MAX_EVENTS = 1000

/** Events with their records. */
type Events<E> = Pick<Chunk<E>, 'events' | 'records'>

/** Events of a partition, to be applied at its position. */
export interface PartitionEvents<E> {
  state: PartitionState
  chunk: Events<E>
}

/**
 * What became of a chunk. `superseded`: another process has moved the position, read again from there; `ended`: the partition is halted, or is
 * read again from the stored position.
 */
export type ChunkOutcome = 'applied' | 'superseded' | 'ended'

/** Applies chunks of partitions: each event once, in order; or the partition halts in front of it. */
export class EventApplier<E extends LoggedEvent> {
  constructor(
    private readonly options: LogConsumerOptions<E>,
    private readonly halts: PartitionHalts,
    private readonly reader: ReaderControl,
    private readonly stopping: AbortSignal,
  ) {}

  /** Reads a chunk of records from an index on. */
  read(records: readonly LogRecord[], from: number, after: number, most = Infinity): Chunk<E> {
    const { decode, maxEvents = MAX_EVENTS } = this.options
    return readChunk(records, from, after, { decode, most: Math.min(most, maxEvents) })
  }

  /** Runs work on a partition. Never rejects: where the work fails, it waits, and has the partition read again from its position. */
  async attempt(state: PartitionState, work: () => Promise<void>): Promise<void> {
    const { partition } = state
    try {
      await work()
      state.failures = 0
    } catch (error) {
      const retryInMs = backOffMs(state.failures)
      state.failures += 1
      const fields = { event: 'log_consumer.batch_failed', partition, error, retryInMs }
      this.options.logger.warn('a batch could not be applied; retrying', fields)
      await pauseFor(retryInMs, this.stopping)
      this.reader.seek(partition, state.position.nextOffset)
    }
  }

  /** Applies a chunk at the position of its partition. Throws where trying again may help. */
  async apply(state: PartitionState, chunk: Chunk<E>): Promise<ChunkOutcome> {
    const { partition } = state
    this.reportRepeated(state, chunk)
    const failed = await this.applyOrBisect(state, chunk)
    if (failed === 'superseded') {
      state.position = await this.storedPosition(partition)
      const fields = { event: 'log_consumer.superseded', partition, ...state.position }
      this.options.logger.info('another process has applied events of this partition', fields)
      return 'superseded'
    }
    const unreadable = failed ?? chunk.poison
    if (unreadable) await this.halts.haltBefore(state, unreadable)
    else if (chunk.gap) await this.goBack(state, chunk.gap)
    else return 'applied'
    return 'ended'
  }

  /** Applies events of several partitions in one transaction. False: a position was superseded, and nothing was changed. */
  async applyTogether(parts: readonly PartitionEvents<E>[]): Promise<boolean> {
    const started = performance.now()
    const steps = parts.map(stepOf)
    if (!(await this.options.apply(steps))) return false
    await this.progressed(parts, steps, started)
    return true
  }

  /** Applies events in one transaction; where one cannot be applied, those before it, and returns that one. */
  private async applyOrBisect(
    state: PartitionState,
    chunk: Events<E>,
  ): Promise<'superseded' | UnreadableRecord | undefined> {
    const { events, records } = chunk
    if (events.length === 0) return undefined
    const started = performance.now()
    const step = stepOf({ state, chunk })
    try {
      if (!(await this.options.apply([step]))) return 'superseded'
    } catch (error) {
      if (!this.options.isEventError(error)) throw error
      if (events.length === 1) return { record: records[0]!, reason: String(error) }
      const middle = events.length >> 1
      const half = (from: number, to?: number) => ({ records: records.slice(from, to), events: events.slice(from, to) })
      const failed = await this.applyOrBisect(state, half(0, middle))
      return failed ?? this.applyOrBisect(state, half(middle))
    }
    await this.progressed([{ state, chunk }], [step], started)
    return undefined
  }

  private async progressed(
    parts: readonly PartitionEvents<E>[],
    steps: readonly PartitionStep<E>[],
    started: number,
  ): Promise<void> {
    const seconds = (performance.now() - started) / 1000
    for (const { state, chunk } of parts) {
      state.position = endOf(chunk)
      state.lastRecorded = new Date(chunk.events.at(-1)!.metadata.recordedTime)
      delete state.wentBackAt
    }
    await this.options.onApplied?.(steps, seconds)
  }

  private reportRepeated({ partition, position }: PartitionState, { duplicates }: Chunk<E>): void {
    // In front of the stored offset they are what a new owner of the partition reads again; behind it, the log repeats a number.
    const repeated = duplicates.filter(({ offset }) => offset >= position.nextOffset)
    const [first] = repeated
    if (!first) return
    this.options.onRepeated?.(partition, repeated.length)
    const fields = { event: 'log_consumer.events_repeated', partition, offset: first.offset }
    this.options.logger.warn('the log repeats a ledgerseq; the repeated events are skipped', fields)
  }

  // The reader may have started behind the stored position: a database that was restored, a partition that changed hands.
  private async goBack(state: PartitionState, gap: UnreadableRecord): Promise<void> {
    const { partition } = state
    if (state.wentBackAt === state.position.seq) return this.halts.halt(state, gap.reason)
    state.position = await this.storedPosition(partition)
    state.wentBackAt = state.position.seq
    const fields = { event: 'log_consumer.gap_found', partition, ...state.position, gap: gap.reason }
    this.options.logger.warn('events are missing; reading again from the stored position', fields)
    this.reader.seek(partition, state.position.nextOffset)
  }

  private async storedPosition(partition: number): Promise<PartitionState['position']> {
    return (await this.options.positions()).get(partition)!
  }
}

function stepOf<E extends LoggedEvent>({ state, chunk }: PartitionEvents<E>): PartitionStep<E> {
  return { partition: state.partition, from: state.position, to: endOf(chunk), events: chunk.events }
}
