/** The next offset of each partition after the handled batches, and those who wait for it. */
export class Progress {
  readonly offsets = new Map<number, number>()
  private waiting: (() => void)[] = []

  advance(partition: number, offset: number): void {
    this.offsets.set(partition, offset)
    const waiting = this.waiting
    this.waiting = []
    for (const wake of waiting) wake()
  }

  /** Resolves when everything before these offsets was handled. Rejects when the signal aborts. */
  async reached(ends: ReadonlyMap<number, number>, signal: AbortSignal): Promise<void> {
    const behind = () => [...ends].some(([partition, end]) => end > 0 && (this.offsets.get(partition) ?? 0) < end)
    while (behind()) {
      signal.throwIfAborted()
      await new Promise<void>((resolve, reject) => {
        const abort = () => reject(signal.reason as Error)
        signal.addEventListener('abort', abort, { once: true })
        this.waiting.push(() => {
          signal.removeEventListener('abort', abort)
          resolve()
        })
      })
    }
  }
}
