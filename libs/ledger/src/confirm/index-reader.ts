import { randomUUID } from 'node:crypto'
import type { Pool } from 'pg'
import { PARTITIONS, type EventLog, type LogReader, type LogRecord } from '#libs/event-log'
import { failpoint } from '#libs/failpoint'
import { confirm, walk, type ConfirmedCommand, type PartitionTail, type ReadBack } from './confirm.js'
import { logPositions } from '../store/command.js'
import { queryOn } from '#libs/postgres'

export interface IndexHooks {
  /** Records were read back and verified; the index does not have them yet. */
  readBack(records: LogRecord[]): void
  /** Records were confirmed in the index. */
  confirmed(commands: ConfirmedCommand[], records: LogRecord[]): void
  /** The reader has ended. */
  fault(error: Error): void
}

/** A batch that waits for its confirmation. */
interface Taken {
  batch: ReadBack
  done(): void
  failed(error: Error): void
}

/**
 * The appender's reader: reads the log back and confirms it in the index. Batches of several partitions that arrive together
 * are confirmed in one transaction.
 */
export class IndexReader {
  private reader?: LogReader
  private queue: Taken[] = []
  private flushing = false

  private constructor(
    private readonly pool: Pool,
    private readonly tails: Map<number, PartitionTail>,
    private readonly hooks: IndexHooks,
  ) {}

  /** Starts to read after the last event in the index, in a new group, since the group of a dead process would have to time out first. */
  static async start(pool: Pool, log: EventLog, hooks: IndexHooks): Promise<IndexReader> {
    const index = new IndexReader(pool, await loadTails(pool), hooks)
    index.reader = await log.read({
      group: `${log.topic}-index-${randomUUID()}`,
      from: partition => index.tails.get(partition)?.nextOffset,
      // All partitions concurrently, so that a transaction of the appender is read back together.
      concurrency: PARTITIONS,
      onBatch: batch => index.take(batch),
      onCrash: error => hooks.fault(error),
    })
    return index
  }

  /** The last event of a partition that was read back. */
  tail(partition: number): PartitionTail {
    return this.tails.get(partition)!
  }

  /** The next offset of each partition. */
  offsets(): Map<number, number> {
    return new Map([...this.tails].map(([partition, { nextOffset }]) => [partition, nextOffset]))
  }

  /** Resolves when everything before these offsets is in the index. */
  async caughtUp(ends: ReadonlyMap<number, number>, signal: AbortSignal): Promise<void> {
    await this.reader?.caughtUp(ends, signal)
  }

  async stop(): Promise<void> {
    await this.reader?.stop()
  }

  /** Resolves when a batch is confirmed: only then does the reader count it as handled. */
  private take({
    partition,
    records,
    nextOffset,
  }: Parameters<Parameters<EventLog['read']>[0]['onBatch']>[0]): Promise<void> {
    return new Promise((resolve, reject) => {
      try {
        const batch = walk(partition, this.tail(partition), records, nextOffset)
        // The next transaction is appended after it immediately. If confirming fails, this term ends, and the next one
        // starts after the last event in the index.
        this.tails.set(partition, batch.to)
        this.queue.push({ batch, done: resolve, failed: reject })
        void this.flush()
        this.hooks.readBack(batch.records)
      } catch (error) {
        reject(error as Error)
      }
    })
  }

  private async flush(): Promise<void> {
    if (this.flushing) return
    this.flushing = true
    let taken: Taken[] = []
    try {
      while (this.queue.length > 0) {
        // Batches of one fetch arrive in the same turn of the event loop.
        await new Promise(resolve => setImmediate(resolve))
        taken = this.queue
        this.queue = []
        await this.confirmBatches(taken.map(({ batch }) => batch))
        for (const { done } of taken) done()
      }
    } catch (error) {
      this.hooks.fault(error as Error)
      // The reader waits for all batches when it stops: an open one would keep this term from ending and the next one from starting.
      // protects: endless-term
      for (const { failed } of [...taken, ...this.queue.splice(0)]) failed(error as Error)
    } finally {
      this.flushing = false
    }
  }

  private async confirmBatches(batches: ReadBack[]): Promise<void> {
    failpoint('confirm-before')
    const commands = await confirm(this.pool, batches)
    failpoint('confirm-after-commit')
    if (!commands) throw new Error('another appender has confirmed the same events: this term is over')
    this.hooks.confirmed(
      commands,
      batches.flatMap(({ records }) => records),
    )
  }
}

async function loadTails(pool: Pool): Promise<Map<number, PartitionTail>> {
  const positions = await logPositions(queryOn(pool))
  return new Map(positions.map(({ partition, seq, hash, offset }) => [partition, { seq, hash, nextOffset: offset }]))
}
