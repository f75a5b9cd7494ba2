/** One of them, by chance. Throws where there is none. */
export function pick<T>(from: readonly T[], random: () => number): T {
  if (from.length === 0) throw new Error('nothing to pick from')
  return from[Math.floor(random() * from.length)]!
}

/** A whole number from `low` to `high`, both included. */
export function between(low: number, high: number, random: () => number): number {
  return low + Math.floor(random() * (high - low + 1))
}

/** So many different ones of them, by chance. */
export function sample<T>(from: readonly T[], count: number, random: () => number): T[] {
  const left = [...from]
  return Array.from({ length: count }, () => left.splice(between(0, left.length - 1, random), 1)[0]!)
}
