import type { Random } from '../../harness/load/seeded.js'

const CAPACITY = 10_000

/** Items to choose from at random. When it is full, a new item replaces another one. */
export class Pool<T> {
  private readonly items: T[] = []

  constructor(
    private readonly random: Random,
    private readonly capacity = CAPACITY,
  ) {}

  put(item: T): void {
    if (this.items.length < this.capacity) this.items.push(item)
    else this.items[this.place()] = item
  }

  /** Removes one; `undefined` if it is empty. */
  take(): T | undefined {
    const last = this.items.pop()
    if (last === undefined || this.items.length === 0) return last
    const place = this.place()
    const taken = this.items[place]
    this.items[place] = last
    return taken
  }

  private place(): number {
    return Math.floor(this.random() * this.items.length)
  }
}
