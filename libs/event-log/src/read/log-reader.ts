import type { Consumer, EachBatchPayload, Kafka, KafkaMessage } from 'kafkajs'
import { flawOf } from '#libs/contracts'
import { failpoint } from '#libs/failpoint'
import { singleHeaders } from '../kafka/kafkajs-headers.js'
import { PARTITIONS, type LogBatch, type LogLogger, type LogRecord } from '../kafka/log-types.js'

export interface ReadOptions {
  /** Consumer group: members share the partitions. */
  group: string
  /** Where to start a partition; `undefined`: where the group left off, else the beginning. */
  from?: (partition: number) => number | undefined
  /** How many partitions are handled at the same time (4). */
  concurrency?: number
  /** Fetches on while a batch is handled: of each partition the next one waits, in memory, until it is done. */
  readAhead?: boolean
  /** Commits what was handled, so that tools see the group's lag. Positions that matter are kept elsewhere. */
  commit?: boolean
  /**
   * Handles what a fetch brought. It must not reject: a fault that it cannot wait out is for `halt`. If it does reject,
   * the reader ends with `onCrash`.
   */
  onBatch(batch: LogBatch, reader: LogReader): Promise<void>
  /** The reader has ended for good: nothing is consumed any more. */
  onCrash(error: Error): void
}

const COMMIT_INTERVAL_MS = 2000
const HEARTBEAT_MS = 1000

/** A batch that is being handled. */
interface Handling {
  /** Never rejects. */
  done: Promise<void>
  /** The reader went elsewhere meanwhile: the batch counts as not handled. */
  left: boolean
}

/** Reads committed events, batch-wise, from all or (in a group with others) some partitions of the topic. */
export class LogReader {
  /** Next offset to be read by partition, as far as batches were handled. */
  readonly offsets = new Map<number, number>()
  private readonly consumer: Consumer
  private readonly committed = new Map<number, number>()
  private readonly handling = new Map<number, Handling>()
  private commitTimer?: NodeJS.Timeout
  private progress: (() => void)[] = []
  private stopped = false

  private constructor(
    kafka: Kafka,
    private readonly topic: string,
    private readonly options: ReadOptions,
    private readonly logger: LogLogger,
  ) {
    this.consumer = kafka.consumer({
      groupId: options.group,
      readUncommitted: false,
      allowAutoTopicCreation: false,
      maxWaitTimeInMs: 500,
      // A thousand events or so: kafkajs decodes a fetch in one go, and this process does nothing else meanwhile.
      maxBytesPerPartition: 1024 * 1024,
      sessionTimeout: 10_000,
      rebalanceTimeout: 15_000,
      heartbeatInterval: HEARTBEAT_MS,
      retry: { restartOnFailure: async () => !this.stopped },
    })
  }

  /** Joins the group and starts to read. */
  static async start(kafka: Kafka, topic: string, options: ReadOptions, logger: LogLogger): Promise<LogReader> {
    const reader = new LogReader(kafka, topic, options, logger)
    await reader.run().catch(async error => {
      await reader.stop()
      throw error
    })
    return reader
  }

  private async run(): Promise<void> {
    const { CRASH, END_BATCH_PROCESS, FETCH_START, GROUP_JOIN } = this.consumer.events
    this.consumer.on(CRASH, ({ payload }) => {
      if (!payload.restart && !this.stopped) this.options.onCrash(payload.error)
    })
    this.consumer.on(GROUP_JOIN, () => failpoint('take-over-partitions'))
    this.consumer.on(GROUP_JOIN, () => this.seekToStart())
    // Stopping does not reach a consumer that kafkajs is just starting again after a crash: it would read on for ever.
    this.consumer.on(FETCH_START, () => {
      if (this.stopped) void this.leave()
    })
    // Batches of control records or aborted events never reach the handler, but they too are progress.
    this.consumer.on(END_BATCH_PROCESS, ({ payload }) => {
      if (payload.batchSize === 0) void this.passOver(payload.partition, Number(payload.lastOffset) + 1)
    })
    await this.consumer.connect()
    await this.consumer.subscribe({ topics: [this.topic], fromBeginning: true })
    await this.consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: this.options.concurrency ?? 4,
      eachBatch: payload => this.handle(payload),
    })
    this.seekToStart()
    if (this.options.commit) this.commitTimer = setInterval(() => void this.commit(), COMMIT_INTERVAL_MS)
  }

  /** Goes on at another offset; called while a batch is handled, that batch counts as not handled. */
  seek(partition: number, offset: number): void {
    const handling = this.handling.get(partition)
    if (handling) handling.left = true
    this.offsets.set(partition, offset)
    this.inGroup(() => this.consumer.seek({ topic: this.topic, partition, offset: String(offset) }))
  }

  /** Stops one partition; the others go on. */
  halt(partition: number): void {
    this.inGroup(() => this.consumer.pause([{ topic: this.topic, partitions: [partition] }]))
  }

  /** Lets a halted partition go on. */
  resume(partition: number): void {
    this.inGroup(() => this.consumer.resume([{ topic: this.topic, partitions: [partition] }]))
  }

  /** Resolves when everything before these offsets was handled. Rejects when the signal aborts. */
  async caughtUp(ends: ReadonlyMap<number, number>, signal: AbortSignal): Promise<void> {
    const behind = () => [...ends].some(([partition, end]) => end > 0 && (this.offsets.get(partition) ?? 0) < end)
    while (behind()) {
      signal.throwIfAborted()
      await new Promise<void>((resolve, reject) => {
        const abort = () => reject(signal.reason as Error)
        signal.addEventListener('abort', abort, { once: true })
        this.progress.push(() => {
          signal.removeEventListener('abort', abort)
          resolve()
        })
      })
    }
  }

  /** Leaves the group; a batch under way is handled to its end. */
  async stop(): Promise<void> {
    this.stopped = true
    clearInterval(this.commitTimer)
    await Promise.all([...this.handling.values()].map(({ done }) => done))
    if (this.options.commit) await this.commit()
    await this.leave()
  }

  private async leave(): Promise<void> {
    await this.consumer.disconnect().catch(error => this.logger.debug('reader did not leave in order', { error }))
  }

  private seekToStart(): void {
    const { from } = this.options
    if (!from || this.stopped) return
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const offset = this.offsets.get(partition) ?? from(partition)
      if (offset === undefined) continue
      // GROUP_JOIN comes before the consumer may seek; run() calls again, and handle() sees what still slips through.
      this.seek(partition, offset)
    }
  }

  // After a crash kafkajs has no group until it has joined again, and throws: joining seeks, and the next batch halts again.
  private inGroup(action: () => void): void {
    try {
      action()
    } catch (error) {
      if (!String(error).includes('Consumer group was not initialized')) throw error
      this.logger.debug('the consumer has no group yet', { error: String(error) })
    }
  }

  private async handle(payload: EachBatchPayload): Promise<void> {
    const { batch, resolveOffset, isStale } = payload
    const { partition } = batch
    while (this.handling.has(partition)) await this.handling.get(partition)!.done
    if (isStale() || this.stopped) return
    const first = Number(batch.firstOffset())
    const expected = this.offsets.get(partition) ?? this.options.from?.(partition)
    // After a rejoin kafkajs may go back to the beginning: what was handled is not handled again.
    if (expected !== undefined && first < expected) return this.seek(partition, expected)
    const handling: Handling = { done: Promise.resolve(), left: false }
    this.handling.set(partition, handling)
    handling.done = this.handOver(payload, handling).finally(() => this.handling.delete(partition))
    if (!this.options.readAhead) await handling.done
    if (!handling.left) resolveOffset(batch.messages.at(-1)!.offset)
  }

  private async handOver({ batch, heartbeat }: EachBatchPayload, handling: Handling): Promise<void> {
    const { partition } = batch
    const nextOffset = Number(batch.lastOffset()) + 1
    const records = batch.messages.map(message => recordOf(partition, message))
    // kafkajs sends no heartbeats in the background (#916); a rebalance that it reports here ends with the batch.
    const beat = setInterval(() => void heartbeat().catch(() => undefined), HEARTBEAT_MS)
    try {
      await this.options.onBatch({ partition, records, nextOffset, highWatermark: Number(batch.highWatermark) }, this)
    } catch (error) {
      this.seek(partition, Number(batch.firstOffset()))
      this.halt(partition)
      this.options.onCrash(error as Error)
    } finally {
      clearInterval(beat)
    }
    if (!handling.left) this.advance(partition, nextOffset)
  }

  // What holds nothing for the handler counts as handled once that is true of what is in front of it.
  private async passOver(partition: number, offset: number): Promise<void> {
    const handling = this.handling.get(partition)
    await handling?.done
    if (!handling?.left) this.advance(partition, offset)
  }

  private advance(partition: number, offset: number): void {
    this.offsets.set(partition, offset)
    const waiting = this.progress
    this.progress = []
    for (const wake of waiting) wake()
  }

  private async commit(): Promise<void> {
    const moved = [...this.offsets].filter(([partition, offset]) => this.committed.get(partition) !== offset)
    if (moved.length === 0) return
    const offsets = moved.map(([partition, offset]) => ({ topic: this.topic, partition, offset: String(offset) }))
    try {
      await this.consumer.commitOffsets(offsets)
      for (const [partition, offset] of moved) this.committed.set(partition, offset)
    } catch (error) {
      // Only lag metrics depend on it; while the group rebalances it is refused.
      this.logger.debug('offsets not committed', { error: String(error) })
    }
  }
}

function recordOf(partition: number, message: KafkaMessage): LogRecord {
  const key = message.key ?? Buffer.alloc(0)
  const value = message.value ?? Buffer.alloc(0)
  const { headers, flaw } = singleHeaders(message.headers)
  return {
    partition,
    offset: Number(message.offset),
    key,
    value,
    headers,
    flaw: flaw ?? flawOf({ key, value, headers }),
  }
}
