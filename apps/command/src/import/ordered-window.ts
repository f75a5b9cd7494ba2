/** Work under way whose results leave in the order in which it came, with bounds on how much there is of it. */
export class OrderedWindow<T> {
  private readonly entries: { weight: number; result: T | undefined; settled: boolean }[] = []
  private weight = 0
  private ended = false
  private wakeReader: () => void = () => undefined
  private wakeWriter: () => void = () => undefined

  /**
   * @param mostEntries asked whenever there may be room for one more
   * @param mostWeight in the unit that `add` weighs in
   */
  constructor(
    private readonly mostEntries: () => number,
    private readonly mostWeight: number,
  ) {}

  /** Resolves when there is room for one more. */
  async room(): Promise<void> {
    while (this.entries.length > 0 && this.full) {
      await new Promise<void>(resolve => (this.wakeReader = resolve))
    }
  }

  /** Adds work, behind what is there; it must not reject. */
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

  /** Nothing will be added any more. */
  end(): void {
    this.ended = true
    this.wakeWriter()
  }

  /** The results in order, together as many as are there. */
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
