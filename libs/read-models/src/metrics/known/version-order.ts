import type { Facts, History } from './version.js'

/** Orders the versions of groups by start or finish, and log. */
export function orderBy(
  by: 'start' | 'finish',
  { deployments, versions }: History,
  groupsOf: (facts: Facts) => Iterable<string>,
): VersionOrder {
  const groups = new Map<string, number[]>()
  for (const [version, { facts }] of versions.entries()) {
    for (const group of groupsOf(facts)) {
      const members = groups.get(group)
      if (members) members.push(version)
      else groups.set(group, [version])
    }
  }
  const times = Float64Array.from(versions, ({ facts }) => facts[by])
  const seqs = Float64Array.from(versions, ({ deployment }) => deployments[deployment]!.recordedSeq)
  const compare = (a: number, b: number) => times[a]! - times[b]! || seqs[a]! - seqs[b]! || a - b
  const sorted = new Map([...groups].map(([name, all]) => [name, all.toSorted(compare)]))
  return new VersionOrder(versions.length, sorted, times)
}

interface Group {
  from: number
  to: number
}

/** Finds the first current version of a group and the current neighbours of a version in a few steps, independent of their number. */
export class VersionOrder {
  /** By rank: the versions, one group after the other. */
  private readonly versions: Int32Array
  /** By version the rank of one of its occurrences; by rank that of the version's next occurrence; -1 without one. */
  private readonly lastRank: Int32Array
  private readonly nextRank: Int32Array
  private readonly groups = new Map<string, Group>()
  /** By rank. */
  private readonly groupAt: Group[] = []
  private readonly holding: RankSet

  /**
   * @param count number of versions
   * @param groups members in order
   * @param times by version: the times by which they are in order
   */
  constructor(
    count: number,
    groups: ReadonlyMap<string, readonly number[]>,
    private readonly times: Float64Array = new Float64Array(count),
  ) {
    this.versions = Int32Array.from([...groups.values()].flat())
    this.lastRank = new Int32Array(count).fill(-1)
    this.nextRank = new Int32Array(this.versions.length)
    for (const [name, { length }] of groups) {
      const group = { from: this.groupAt.length, to: this.groupAt.length + length - 1 }
      this.groups.set(name, group)
      for (let n = 0; n < length; n++) this.groupAt.push(group)
    }
    for (const [rank, version] of this.versions.entries()) {
      this.nextRank[rank] = this.lastRank[version]!
      this.lastRank[version] = rank
    }
    this.holding = new RankSet(this.versions.length)
  }

  enter(version: number): void {
    for (let rank = this.lastRank[version]!; rank >= 0; rank = this.nextRank[rank]!) this.holding.add(rank)
  }

  leave(version: number): void {
    for (let rank = this.lastRank[version]!; rank >= 0; rank = this.nextRank[rank]!) this.holding.delete(rank)
  }

  /** The first current version of a group. */
  first(group: string): number | undefined {
    const known = this.groups.get(group)
    return known && this.at(this.holding.above(known.from - 1), known)
  }

  /** The next current version after one in its group; the given one may be current or not. Only if no version is in two groups. */
  after(version: number): number | undefined {
    const rank = this.lastRank[version]!
    return rank < 0 ? undefined : this.at(this.holding.above(rank), this.groupAt[rank]!)
  }

  /** The previous current version before one in its group. */
  before(version: number): number | undefined {
    const rank = this.lastRank[version]!
    return rank < 0 ? undefined : this.at(this.holding.below(rank), this.groupAt[rank]!)
  }

  /** The first current version of a group after a time. */
  firstAfter(group: string, time: number): number | undefined {
    const known = this.groups.get(group)
    return known && this.at(this.holding.above(this.rankAfter(known, time) - 1), known)
  }

  /** The last current version of a group at a time or before it. */
  last(group: string, time: number): number | undefined {
    const known = this.groups.get(group)
    return known && this.at(this.holding.below(this.rankAfter(known, time)), known)
  }

  /** Rank of a version, comparable within a group. */
  rankOf(version: number): number {
    return this.lastRank[version]!
  }

  /** The first rank of a group with a version after a time, or that after its end. */
  private rankAfter({ from, to }: Group, time: number): number {
    let [low, high] = [from, to + 1]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.times[this.versions[middle]!]! <= time) low = middle + 1
      else high = middle
    }
    return low
  }

  private at(rank: number, { from, to }: Group): number | undefined {
    return rank < from || rank > to ? undefined : this.versions[rank]!
  }
}

const BITS = 32

/** A set of integers from 0 to below a size. Finds the next member above or below a number in a few steps, independent of its size. */
export class RankSet {
  /** The lowest level has a bit per number, each higher one a bit per non-empty word below. */
  private readonly levels: Int32Array[] = []

  constructor(size: number) {
    for (let words = size; ;) {
      words = Math.max(1, Math.ceil(words / BITS))
      this.levels.push(new Int32Array(words))
      if (words === 1) return
    }
  }

  add(rank: number): void {
    for (const words of this.levels) {
      words[rank >>> 5]! |= 1 << (rank % BITS)
      rank >>>= 5
    }
  }

  delete(rank: number): void {
    for (const words of this.levels) {
      const word = (words[rank >>> 5]! &= ~(1 << (rank % BITS)))
      if (word !== 0) return
      rank >>>= 5
    }
  }

  /** The least member above a number, which may be -1; -1 without one. */
  above(rank: number): number {
    for (const [level, words] of this.levels.entries()) {
      const first = rank + 1
      const word = first >>> 5
      if (word >= words.length) return -1
      const later = words[word]! & (-1 << (first % BITS))
      if (later !== 0) return this.down(level, word * BITS + lowest(later), lowest)
      rank = word
    }
    return -1
  }

  /** The greatest member below a number; -1 without one. */
  below(rank: number): number {
    for (const [level, words] of this.levels.entries()) {
      const earlier = words[rank >>> 5]! & ~(-1 << (rank % BITS))
      if (earlier !== 0) return this.down(level, (rank & -BITS) + highest(earlier), highest)
      rank >>>= 5
    }
    return -1
  }

  private down(level: number, rank: number, end: (word: number) => number): number {
    for (let below = level - 1; below >= 0; below--) rank = rank * BITS + end(this.levels[below]![rank]!)
    return rank
  }
}

const lowest = (word: number) => 31 - Math.clz32(word & -word)
const highest = (word: number) => 31 - Math.clz32(word)
