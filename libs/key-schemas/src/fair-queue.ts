interface Waiting {
  start(): void
}

/** Too many are waiting for their turn already, or one has waited too long. */
export class QueueBusy extends Error {
  override name = 'QueueBusy'
}

export interface FairQueueOptions {
  /** How many turns there are at once. */
  turns: number
  /** How many may wait, of one group and of all. */
  waiting: { ofGroup: number; ofAll: number }
}

/**
 * Gives work its turn. A group (a tenant) has one turn at a time, and groups follow each other: however much work one of them
 * brings, another waits for one piece of it at most.
 */
export class FairQueue {
  private readonly waiting = new Map<string, Waiting[]>()
  private readonly running = new Set<string>()
  private count = 0

  constructor(private readonly options: FairQueueOptions) {}

  /** Does work when it is the group's turn. Rejects with QueueBusy where there is no room to wait, or the signal aborts before its turn. */
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
    if (queued.length >= ofGroup || this.count >= ofAll) return Promise.reject(new QueueBusy('too many are waiting'))
    return new Promise((resolve, reject) => {
      const entry = { start: () => (signal.removeEventListener('abort', abort), resolve()) }
      const abort = () => {
        this.remove(group, entry)
        reject(new QueueBusy('has waited too long'))
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

  /** Groups follow each other. */
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
