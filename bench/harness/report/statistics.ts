/** Median and range. */
export interface Spread {
  median: number
  min: number
  max: number
}

/** Spread of the figures of several rounds. */
export function spreadOf(figures: readonly number[]): Spread {
  const sorted = ascending(figures)
  return { median: quantile(sorted, 0.5), min: sorted[0]!, max: sorted.at(-1)! }
}

/** A quantile (0 to 1) as `percentile_cont` defines it: interpolated between two values. Throws for an empty list. */
export function quantile(sorted: readonly number[], fraction: number): number {
  if (sorted.length === 0) throw new Error('no values: a quantile is undefined')
  const place = (sorted.length - 1) * fraction
  const below = sorted[Math.floor(place)]!
  const above = sorted[Math.ceil(place)]!
  return below + (above - below) * (place - Math.floor(place))
}

export function ascending(figures: readonly number[]): number[] {
  return figures.toSorted((a, b) => a - b)
}
