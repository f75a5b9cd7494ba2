import type { LoggedEvent } from '#libs/contracts'
import type { LogBatch, LogLogger } from '#libs/event-log'
import { BatchCoalescer } from './batch-coalescer.js'
import type { EventApplier } from './event-applier.js'
import type { PartitionState } from './partition.js'

/** Applies batches as they arrive. */
export class Follower<E extends LoggedEvent> {
  private readonly coalescer: BatchCoalescer

  constructor(
    private readonly partitions: ReadonlyMap<number, PartitionState>,
    private readonly applier: EventApplier<E>,
    private readonly logger: LogLogger,
    transactions: number,
  ) {
    const work = {
      together: (all: LogBatch[]) => this.applyTogether(all),
      alone: (batch: LogBatch) => this.applyAlone(batch),
    }
    this.coalescer = new BatchCoalescer(work, transactions)
  }

  /** Resolves when the batch was handled; never rejects. */
  handle(batch: LogBatch): Promise<void> {
    return this.coalescer.handle(batch)
  }

  /** Applies what it can in one transaction. Where that fails, whatever the reason, each batch meets its own fault alone. */
  private async applyTogether(all: LogBatch[]): Promise<LogBatch[]> {
    try {
      return await this.applyPlain(all)
    } catch (error) {
      const fields = { event: 'log_consumer.shared_transaction_failed', error }
      this.logger.debug('batches could not be applied together', fields)
      return []
    }
  }

  /** Applies those without duplicates, gaps and poison that fit into one chunk. */
  private async applyPlain(all: LogBatch[]): Promise<LogBatch[]> {
    const read = all.map(batch => {
      const state = this.partitions.get(batch.partition)!
      return { batch, state, chunk: this.applier.read(batch.records, 0, state.position.seq) }
    })
    const plain = read.filter(
      ({ batch, chunk }) =>
        chunk.next === batch.records.length && !chunk.poison && !chunk.gap && chunk.duplicates.length === 0,
    )
    if (plain.length === 0 || !(await this.applier.applyTogether(plain))) return []
    for (const { state } of plain) state.failures = 0
    return plain.map(({ batch }) => batch)
  }

  private applyAlone({ partition, records }: LogBatch): Promise<void> {
    const state = this.partitions.get(partition)!
    return this.applier.attempt(state, async () => {
      let chunk = this.applier.read(records, 0, state.position.seq)
      for (;;) {
        const isLast = chunk.poison !== undefined || chunk.gap !== undefined || chunk.next >= records.length
        const applying = this.applier.apply(state, chunk)
        // While the transaction runs, the next chunk is decoded.
        const following = isLast ? undefined : this.applier.read(records, chunk.next, chunk.events.at(-1)!.seq)
        const outcome = await applying
        if (outcome === 'superseded') chunk = this.applier.read(records, 0, state.position.seq)
        else if (outcome === 'ended' || !following) return
        else chunk = following
      }
    })
  }
}
