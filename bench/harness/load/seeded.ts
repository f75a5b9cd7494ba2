/** Numbers from 0 (inclusive) to 1 that look random and are the same in every run. */
export type Random = () => number

/** mulberry32, https://gist.github.com/tommyettinger/46a874533244883189143505d203312c */
export function seededRandom(seed: number): Random {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Picks from 0 to `count - 1`, the n-th with a weight of 1/n (Zipf): few are picked often, many rarely. */
export function zipf(count: number, random: Random): () => number {
  const upTo = zipfBounds(count)
  return () => {
    const point = random()
    return upTo.findIndex(end => point < end)
  }
}

/** The ends of `count` adjacent ranges that divide 0 to 1 with weights of 1/n; the last one ends at 1. */
export function zipfBounds(count: number): number[] {
  let total = 0
  const upTo = Array.from({ length: count }, (_, index) => (total += 1 / (index + 1)))
  return upTo.map(end => end / total)
}

/** Lower-case hex digits. */
export function hex(digits: number, random: Random): string {
  return Array.from({ length: digits }, () => Math.floor(random() * 16).toString(16)).join('')
}
