import type { LogBatch } from '#libs/event-log'

/** A batch that waits for the next shared transaction. */
interface QueuedBatch {
  batch: LogBatch
  done(isApplied: boolean): void
}

/** So many records, or bytes, are worth a transaction of their own. */
const MANY = 100
const LARGE_BYTES = 256 * 1024
/** Size of the batches of a shared transaction: its statements are encoded without serving other requests. */
const SHARED_BYTES = 1024 * 1024

/**
 * Decides which batches share a transaction. A transaction costs about as much as fifty events in it: large batches get one of their own, a
 * few at a time; small ones share one with all that arrive while the shared transaction before is running, up to a size.
 */
export class BatchCoalescer {
  private queued: QueuedBatch[] = []
  private isDraining = false
  private alone = 0
  private waiting: (() => void)[] = []

  /** @param work `together` returns those that it has applied, the others are applied alone; neither rejects */
  constructor(
    private readonly work: { together(all: LogBatch[]): Promise<LogBatch[]>; alone(batch: LogBatch): Promise<void> },
    private readonly transactions: number,
  ) {}

  /** Resolves when the batch was handled. */
  async handle(batch: LogBatch): Promise<void> {
    const isSmall = batch.records.length < MANY && bytesOf(batch) < LARGE_BYTES
    if (isSmall && (await this.withOthers(batch))) return
    while (this.alone >= this.transactions) await new Promise<void>(resolve => this.waiting.push(resolve))
    this.alone += 1
    try {
      await this.work.alone(batch)
    } finally {
      this.alone -= 1
      this.waiting.shift()?.()
    }
  }

  private withOthers(batch: LogBatch): Promise<boolean> {
    return new Promise(resolve => {
      this.queued.push({ batch, done: resolve })
      void this.drain()
    })
  }

  private async drain(): Promise<void> {
    if (this.isDraining) return
    this.isDraining = true
    while (this.queued.length > 0) {
      // Batches of one fetch arrive in the same turn of the event loop.
      await new Promise(resolve => setImmediate(resolve))
      const taken = this.takeShared()
      const applied = await this.work.together(taken.map(({ batch }) => batch))
      for (const { batch, done } of taken) done(applied.includes(batch))
    }
    this.isDraining = false
  }

  private takeShared(): QueuedBatch[] {
    let bytes = 0
    const end = this.queued.findIndex(({ batch }) => (bytes += bytesOf(batch)) > SHARED_BYTES)
    return this.queued.splice(0, end < 0 ? this.queued.length : Math.max(1, end))
  }
}

function bytesOf({ records }: LogBatch): number {
  return records.reduce((sum, { value }) => sum + value.length, 0)
}
