/** Median, and the range that it stands for. */
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

/** A quantile (0 to 1) as `percentile_cont` has it: between two figures it is interpolated. Throws for no figures. */
export function quantile(sorted: readonly number[], fraction: number): number {
  if (sorted.length === 0) throw new Error('there is no quantile of nothing')
  const place = (sorted.length - 1) * fraction
  const below = sorted[Math.floor(place)]!
  const above = sorted[Math.ceil(place)]!
  return below + (above - below) * (place - Math.floor(place))
}

export function ascending(figures: readonly number[]): number[] {
  return figures.toSorted((a, b) => a - b)
}
