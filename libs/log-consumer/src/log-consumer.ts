import type { LoggedEvent } from '#libs/contracts'
import { PARTITIONS, WrongTopic, type LogBatch, type LogReader } from '#libs/event-log'
import { backOffMs, pauseFor } from './back-off.js'
import { EventApplier } from './event-applier.js'
import { Follower } from './follower.js'
import type { LogConsumerOptions } from './options.js'
import { PartitionHalts, type ReaderControl } from './partition-halts.js'
import type { LogPosition, PartitionState } from './partition.js'
import { ReadAhead, type Target } from './read-ahead.js'

const TRANSACTIONS = 4

/** Takes batches from the reader and hands them to `handle`, possibly by way of a framework. */
type Deliver = (batch: LogBatch) => Promise<void>

/**
 * Applies the events of the log, from the stored positions on: each event once, in order; or the partition halts in front of it, and
 * the others go on.
 */
export class LogConsumer<E extends LoggedEvent> {
  private readonly partitions = new Map<number, PartitionState>()
  private readonly stopping = new AbortController()
  private readonly halts: PartitionHalts
  private readonly follower: Follower<E>
  private readonly readAhead?: ReadAhead<E>
  private starting?: Promise<void>
  private reader?: LogReader

  constructor(private readonly options: LogConsumerOptions<E>) {
    const control: ReaderControl = {
      seek: (partition, offset) => {
        this.readAhead?.drop(partition)
        this.reader?.seek(partition, offset)
      },
      halt: partition => this.reader?.halt(partition),
      resume: partition => this.reader?.resume(partition),
    }
    const { bounded, logger, transactions = TRANSACTIONS } = options
    this.halts = new PartitionHalts(options, control)
    const applier = new EventApplier(options, this.halts, control, this.stopping.signal)
    this.follower = new Follower(this.partitions, applier, logger, transactions)
    if (bounded) this.readAhead = new ReadAhead(this.partitions, applier, control, transactions)
  }

  /** Whether it reads the log. */
  get isReading(): boolean {
    return this.reader !== undefined
  }

  /** The state of each partition, as far as this process knows. */
  get states(): ReadonlyMap<number, Readonly<PartitionState>> {
    return this.partitions
  }

  /** Begins to read; returns at once, and retries until Kafka and the stored positions are available. */
  start(deliver?: Deliver): void {
    this.starting ??= this.startWhenPossible(deliver)
  }

  /** Begins to read. Rejects where Kafka or the stored positions are not available. */
  async open(deliver: Deliver = batch => this.handle(batch)): Promise<void> {
    const { log, group, logger, bounded = false, prepare, positions } = this.options
    await prepare?.()
    for (const [partition, position] of await positions()) {
      this.partitions.set(partition, { partition, position, failures: 0 })
    }
    if (this.stopping.signal.aborted) return
    const onBatch = (batch: LogBatch, reader: LogReader) => {
      // Batches may arrive before `read` resolves.
      this.reader = reader
      return deliver(batch)
    }
    try {
      this.reader = await log.read({
        group,
        from: partition => this.partitions.get(partition)?.position.nextOffset,
        commit: !bounded,
        readAhead: !bounded,
        // All partitions at once, so that small batches can share a transaction.
        concurrency: PARTITIONS,
        onBatch,
        onCrash: error => this.crash(error),
      })
    } catch (error) {
      this.reader = undefined
      throw error
    }
    logger.info('reading the log', { event: 'log_consumer.started', group })
  }

  /**
   * Handles a batch of the reader; of each partition there is one at a time. Never rejects: while the server is away it waits, and has the
   * batch read again; what cannot be applied halts its partition.
   */
  async handle(batch: LogBatch): Promise<void> {
    if (this.readAhead) this.readAhead.take(batch)
    else await this.follower.handle(batch)
  }

  /**
   * Applies everything up to these events, and nothing beyond; for bounded consumers only. Rejects where a partition is halted (PartitionHalted),
   * where reading has ended, and when the signal aborts: then nothing is applied any more.
   */
  async until(target: Target, signal?: AbortSignal): Promise<void> {
    const { readAhead } = this
    if (!readAhead) throw new Error('`until` needs a consumer with the option `bounded`')
    const abort = () => readAhead.fail(signal!.reason as Error)
    if (signal?.aborted) abort()
    signal?.addEventListener('abort', abort, { once: true })
    try {
      await readAhead.until(target)
    } finally {
      signal?.removeEventListener('abort', abort)
    }
  }

  /** Resumes halted partitions whose stored position another process has moved beyond the halt. */
  release(stored: ReadonlyMap<number, LogPosition>): void {
    if (!this.reader) return
    for (const [partition, state] of this.partitions) this.halts.release(state, stored.get(partition))
  }

  /** Stops reading; the transactions that are running end first. */
  async stop(): Promise<void> {
    this.stopping.abort()
    this.readAhead?.fail(new Error('the log consumer was stopped'))
    await this.starting
    await this.reader?.stop()
    await this.readAhead?.stopped()
    this.reader = undefined
  }

  private async startWhenPossible(deliver?: Deliver): Promise<void> {
    const { signal } = this.stopping
    for (let failures = 0; !signal.aborted; failures++) {
      try {
        return await this.open(deliver)
      } catch (error) {
        if (error instanceof WrongTopic) return this.crash(error)
        const retryInMs = backOffMs(failures)
        const fields = { event: 'log_consumer.start_failed', error, retryInMs }
        this.options.logger.warn('the log cannot be read yet; retrying', fields)
        await pauseFor(retryInMs, signal)
      }
    }
  }

  private crash(error: Error): void {
    this.readAhead?.fail(error)
    this.options.onCrash?.(error)
  }
}
