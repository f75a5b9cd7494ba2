/** Yields the results of concurrent tasks in the order in which they were added. Bounds the number and the weight of pending tasks. */
export class ReorderBuffer<T> {
  private readonly entries: { weight: number; result: T | undefined; settled: boolean }[] = []
  private weight = 0
  private ended = false
  private wakeReader: () => void = () => undefined
  private wakeWriter: () => void = () => undefined

  /**
   * @param mostEntries present limit of pending tasks; read again after each result
   * @param mostWeight limit of the sum of their weights
   */
  constructor(
    private readonly mostEntries: () => number,
    private readonly mostWeight: number,
  ) {}

  /** Resolves when one more task fits. */
  async room(): Promise<void> {
    while (this.entries.length > 0 && this.full) {
      await new Promise<void>(resolve => (this.wakeReader = resolve))
    }
  }

  /** Adds a task, which must not reject. */
  add(work: Promise<T>, weight: number): void {
    const entry = { weight, result: undefined as T | undefined, settled: false }
    this.entries.push(entry)
    this.weight += weight
    void work.then(result => {
      entry.result = result
      entry.settled = true
      if (entry === this.entries[0]) this.wakeWriter()
    })
  }

  /** No more tasks will be added. */
  end(): void {
    this.ended = true
    this.wakeWriter()
  }

  /** The results in order, in batches of those that are available. */
  async *results(): AsyncGenerator<T[]> {
    for (;;) {
      const ready = this.takeReady()
      if (ready.length > 0) yield ready
      else if (this.ended && this.entries.length === 0) return
      else await new Promise<void>(resolve => (this.wakeWriter = resolve))
    }
  }

  private get full(): boolean {
    return this.entries.length >= this.mostEntries() || this.weight >= this.mostWeight
  }

  private takeReady(): T[] {
    const open = this.entries.findIndex(({ settled }) => !settled)
    const taken = this.entries.splice(0, open < 0 ? this.entries.length : open)
    for (const { weight } of taken) this.weight -= weight
    if (taken.length > 0) this.wakeReader()
    return taken.map(({ result }) => result as T)
  }
}
