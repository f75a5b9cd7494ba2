import type { Consumer, EachBatchPayload, Kafka, KafkaMessage } from 'kafkajs'
import { flawOf } from '#libs/contracts'
import { failpoint } from '#libs/failpoint'
import { singleHeaders } from '../kafka/kafkajs-headers.js'
import { PARTITIONS, type LogBatch, type LogLogger, type LogRecord } from '../kafka/log-types.js'
import { Progress } from './progress.js'

export interface ReadOptions {
  /** Consumer group; its members share the partitions. */
  group: string
  /** First offset of a partition; `undefined`: the committed offset of the group, else the start. */
  from?: (partition: number) => number | undefined
  /** Number of partitions that are handled concurrently (4). */
  concurrency?: number
  /** Fetches the next batch of each partition while the current one is handled. */
  readAhead?: boolean
  /** Commits handled offsets, so that tools see the group's lag. Nothing else depends on them. */
  commit?: boolean
  /**
   * Handles a batch. It must not reject: for a permanent error it calls `halt`. If it does reject,
   * the reader ends with `onCrash`.
   */
  onBatch(batch: LogBatch, reader: LogReader): Promise<void>
  /** The reader has ended and consumes nothing any more. */
  onCrash(error: Error): void
}

const COMMIT_INTERVAL_MS = 2000
const HEARTBEAT_MS = 1000

/** A batch that is being handled. */
interface Handling {
  /** Never rejects. */
  done: Promise<void>
  /** The reader was moved to another offset meanwhile: the batch counts as not handled. */
  left: boolean
}

/** Reads committed events in batches, from all partitions of the topic or, in a group, from some. */
export class LogReader {
  private readonly progress = new Progress()
  private readonly consumer: Consumer
  private readonly committed = new Map<number, number>()
  private readonly handling = new Map<number, Handling>()
  private commitTimer?: NodeJS.Timeout
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
      // About a thousand events: kafkajs decodes a fetch synchronously, which blocks the process.
      maxBytesPerPartition: 1024 * 1024,
      sessionTimeout: 10_000,
      rebalanceTimeout: 15_000,
      heartbeatInterval: HEARTBEAT_MS,
      retry: { restartOnFailure: async () => !this.stopped },
    })
  }

  /** Next offset by partition, after the handled batches. */
  get offsets(): Map<number, number> {
    return this.progress.offsets
  }

  /** Joins the group and starts reading. */
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
    // A consumer that kafkajs is restarting after a crash ignores stopping and would read on.
    this.consumer.on(FETCH_START, () => {
      if (this.stopped) void this.leave()
    })
    // Batches of control records or aborted events do not reach the handler, but count as progress.
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

  /** Continues at another offset. A batch that is being handled counts as not handled. */
  seek(partition: number, offset: number): void {
    const handling = this.handling.get(partition)
    if (handling) handling.left = true
    this.offsets.set(partition, offset)
    this.inGroup(() => this.consumer.seek({ topic: this.topic, partition, offset: String(offset) }))
  }

  /** Stops one partition; the others continue. */
  halt(partition: number): void {
    this.inGroup(() => this.consumer.pause([{ topic: this.topic, partitions: [partition] }]))
  }

  /** Continues a halted partition. */
  resume(partition: number): void {
    this.inGroup(() => this.consumer.resume([{ topic: this.topic, partitions: [partition] }]))
  }

  /** Resolves when everything before these offsets was handled. Rejects when the signal aborts. */
  async caughtUp(ends: ReadonlyMap<number, number>, signal: AbortSignal): Promise<void> {
    await this.progress.reached(ends, signal)
  }

  /** Finishes current batches and leaves the group. */
  async stop(): Promise<void> {
    this.stopped = true
    clearInterval(this.commitTimer)
    await Promise.all([...this.handling.values()].map(({ done }) => done))
    if (this.options.commit) await this.commit()
    await this.leave()
  }

  private async leave(): Promise<void> {
    await this.consumer
      .disconnect()
      .catch(error => this.logger.debug('Reader could not leave its group', { event: 'reader.not_closed', error }))
  }

  private seekToStart(): void {
    const { from } = this.options
    if (!from || this.stopped) return
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const offset = this.offsets.get(partition) ?? from(partition)
      if (offset === undefined) continue
      // GROUP_JOIN is emitted before the consumer may seek; run() seeks again, and handle() checks the remaining cases.
      this.seek(partition, offset)
    }
  }

  // After a crash kafkajs throws until it has joined a group again. Joining seeks, and the next batch halts again.
  private inGroup(action: () => void): void {
    try {
      action()
    } catch (error) {
      if (!String(error).includes('Consumer group was not initialized')) throw error
      this.logger.debug('Consumer has no group yet', { event: 'reader.no_group', error: String(error) })
    }
  }

  private async handle(payload: EachBatchPayload): Promise<void> {
    const { batch, resolveOffset, isStale } = payload
    const { partition } = batch
    while (this.handling.has(partition)) await this.handling.get(partition)!.done
    if (isStale() || this.stopped) return
    const first = Number(batch.firstOffset())
    const expected = this.offsets.get(partition) ?? this.options.from?.(partition)
    // After a rejoin kafkajs may start from the beginning: handled records are not handled again.
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
    // kafkajs sends no heartbeats in the background (#916). A rebalance reported here takes effect after the batch.
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
    if (!handling.left) this.progress.advance(partition, nextOffset)
  }

  // A batch without records for the handler counts as handled once the previous batch does.
  private async passOver(partition: number, offset: number): Promise<void> {
    const handling = this.handling.get(partition)
    await handling?.done
    if (!handling?.left) this.progress.advance(partition, offset)
  }

  private async commit(): Promise<void> {
    const moved = [...this.offsets].filter(([partition, offset]) => this.committed.get(partition) !== offset)
    if (moved.length === 0) return
    const offsets = moved.map(([partition, offset]) => ({ topic: this.topic, partition, offset: String(offset) }))
    try {
      await this.consumer.commitOffsets(offsets)
      for (const [partition, offset] of moved) this.committed.set(partition, offset)
    } catch (error) {
      // Only lag metrics depend on it; brokers refuse it during a rebalance.
      this.logger.debug('Offsets could not be committed', {
        event: 'reader.offsets_not_committed',
        error: String(error),
      })
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
