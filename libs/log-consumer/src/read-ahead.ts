import type { LoggedEvent } from '#libs/contracts'
import type { LogBatch, LogReader, LogRecord } from '#libs/event-log'
import type { EventApplier } from './event-applier.js'
import type { PartitionState } from './partition.js'

/** The events up to which a consumer applies, by partition. */
export type Target = ReadonlyMap<number, { seq: number }>

/** A partition cannot be applied up to the target; the message says which one, and why. */
export class PartitionHalted extends Error {
  override name = 'PartitionHalted'

  constructor({ partition, halt }: PartitionState) {
    super(`partition ${partition} is halted after event ${halt!.position.seq}: ${halt!.reason}`)
  }
}

/** Records of a partition in memory: reading pauses at more than HIGH, and resumes at fewer than LOW. */
const HIGH = 4000
const LOW = 2000

/**
 * Applies up to a target, and no event further. It reads ahead of the target, so that the last events are in memory when somebody
 * waits for them.
 */
export class ReadAhead<E extends LoggedEvent> {
  private readonly queues = new Map<number, LogRecord[]>()
  private readonly paused = new Set<number>()
  private readonly busy = new Set<number>()
  private target: Target = new Map()
  private waiting?: { resolve(): void; reject(error: Error): void }
  private idle?: () => void
  private failure?: Error

  constructor(
    private readonly partitions: ReadonlyMap<number, PartitionState>,
    private readonly applier: EventApplier<E>,
    private readonly reader: Pick<LogReader, 'halt' | 'resume'>,
    private readonly transactions: number,
  ) {}

  /** Keeps the records of a batch until they may be applied. */
  take({ partition, records }: LogBatch): void {
    const queue = this.queues.get(partition) ?? []
    this.queues.set(partition, queue)
    for (const record of records) queue.push(record)
    if (queue.length > HIGH && !this.paused.has(partition)) {
      this.paused.add(partition)
      this.reader.halt(partition)
    }
    this.work()
  }

  /** Forgets the records of a partition: the reader goes elsewhere. */
  drop(partition: number): void {
    const queue = this.queues.get(partition)
    if (queue) queue.length = 0
    if (this.paused.delete(partition)) this.reader.resume(partition)
  }

  /** Resolves when everything up to the target is applied. Rejects where a partition is halted, and after `fail`. One call at a time. */
  async until(target: Target): Promise<void> {
    if (this.failure) throw this.failure
    this.target = target
    if (this.isReached()) return
    await new Promise<void>((resolve, reject) => {
      this.waiting = { resolve, reject }
      this.work()
    })
  }

  /** Applies nothing any more; `until` rejects. */
  fail(error: Error): void {
    this.failure ??= error
    this.waiting?.reject(error)
  }

  /** Resolves when no transaction is running any more. */
  async stopped(): Promise<void> {
    if (this.busy.size > 0) await new Promise<void>(resolve => (this.idle = resolve))
  }

  private work(): void {
    while (this.busy.size < this.transactions && !this.failure) {
      const state = this.fullest()
      if (!state) return
      this.busy.add(state.partition)
      void this.applyNext(state).finally(() => {
        this.busy.delete(state.partition)
        if (this.busy.size === 0) this.idle?.()
        this.work()
      })
    }
  }

  /** Of the partitions in which something may be applied, the one with the most records. */
  private fullest(): PartitionState | undefined {
    const ready = [...this.queues].filter(
      ([partition, { length }]) => length > 0 && !this.busy.has(partition) && this.missing(partition) > 0,
    )
    const [partition] = ready.toSorted(([, a], [, b]) => b.length - a.length)[0] ?? []
    return partition === undefined ? undefined : this.partitions.get(partition)
  }

  /** Events of a partition between its position and the target. */
  private missing(partition: number): number {
    return (this.target.get(partition)?.seq ?? 0) - (this.partitions.get(partition)?.position.seq ?? 0)
  }

  private async applyNext(state: PartitionState): Promise<void> {
    const { partition } = state
    const queue = this.queues.get(partition)!
    await this.applier.attempt(state, async () => {
      const chunk = this.applier.read(queue, 0, state.position.seq, this.missing(partition))
      if ((await this.applier.apply(state, chunk)) === 'applied') queue.splice(0, chunk.next)
    })
    if (state.halt) this.fail(new PartitionHalted(state))
    if (queue.length < LOW && this.paused.delete(partition)) this.reader.resume(partition)
    if (this.isReached()) this.waiting?.resolve()
  }

  private isReached(): boolean {
    return [...this.target.keys()].every(partition => this.missing(partition) <= 0)
  }
}
