interface Waiting {
  start(): void
}

/** The queue is full, or the wait was too long. */
export class QueueBusy extends Error {
  override name = 'QueueBusy'
}

export interface FairQueueOptions {
  /** Limit of concurrent turns. */
  turns: number
  /** Limits of waiting tasks: of one group, and of all. */
  waiting: { ofGroup: number; ofAll: number }
}

/**
 * Runs tasks fairly. A group (a tenant) runs one task at a time, and groups take turns: however many tasks one group has, another group
 * waits for at most one of them.
 */
export class FairQueue {
  private readonly waiting = new Map<string, Waiting[]>()
  private readonly running = new Set<string>()
  private count = 0

  constructor(private readonly options: FairQueueOptions) {}

  /** Runs a task on the group's turn. Rejects with QueueBusy if the queue is full, or if the signal aborts before the turn. */
  async run<T>(group: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    await this.turn(group, signal)
    try {
      return await work()
    } finally {
      this.running.delete(group)
      this.toEnd(group)
      this.next()
    }
  }

  private turn(group: string, signal: AbortSignal): Promise<void> {
    const { ofGroup, ofAll } = this.options.waiting
    const queued = this.waiting.get(group) ?? []
    if (queued.length >= ofGroup || this.count >= ofAll) return Promise.reject(new QueueBusy('the queue is full'))
    return new Promise((resolve, reject) => {
      const entry = { start: () => (signal.removeEventListener('abort', abort), resolve()) }
      const abort = () => {
        this.remove(group, entry)
        reject(new QueueBusy('the wait was too long'))
      }
      if (signal.aborted) return abort()
      signal.addEventListener('abort', abort, { once: true })
      this.waiting.set(group, [...queued, entry])
      this.count++
      this.next()
    })
  }

  private next(): void {
    for (const [group, [first]] of this.waiting) {
      if (this.running.size >= this.options.turns) return
      if (this.running.has(group)) continue
      this.remove(group, first!)
      this.running.add(group)
      first!.start()
    }
  }

  /** Moves a group behind the others. */
  private toEnd(group: string): void {
    const left = this.waiting.get(group)
    this.waiting.delete(group)
    if (left) this.waiting.set(group, left)
  }

  private remove(group: string, entry: Waiting): void {
    const queued = this.waiting.get(group) ?? []
    const left = queued.filter(other => other !== entry)
    this.count -= queued.length - left.length
    if (left.length > 0) this.waiting.set(group, left)
    else this.waiting.delete(group)
  }
}
