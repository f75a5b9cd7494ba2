import { ascending, quantile } from '../../harness/report/statistics.js'
import { median, type Point } from './series.js'

/** The change of a value per hour, with its 95 % confidence interval. */
export interface Trend {
  perHour: number
  low: number
  high: number
  /** The median of the value. */
  level: number
}

const HOUR = 3600
/** Quantile of the standard normal distribution for 95 %. */
const Z = 1.96

/**
 * Theil-Sen: the median of the slopes between all pairs of points, which is robust against single outliers (a garbage collection, a
 * checkpoint); bounds by Kendall's variance (Sen 1968, Journal of the American Statistical Association 63). `undefined` for fewer
 * than three points. Its time grows with the square of their number.
 */
export function theilSen(points: Point[]): Trend | undefined {
  const n = points.length
  if (n < 3) return undefined
  const slopes = ascending(
    points.flatMap((from, index) =>
      points.slice(index + 1).map(to => ((to.value - from.value) / (to.at - from.at)) * HOUR),
    ),
  )
  const reach = Z * Math.sqrt((n * (n - 1) * (2 * n + 5)) / 18)
  const rank = (place: number) => slopes[Math.min(slopes.length - 1, Math.max(0, Math.round(place)))]!
  return {
    perHour: quantile(slopes, 0.5),
    low: rank((slopes.length - reach) / 2),
    high: rank((slopes.length + reach) / 2 - 1),
    level: median(points.map(({ value }) => value)),
  }
}

export type Judgement = 'flat' | 'grows' | 'undecided'

/**
 * Compares growth with the limit per hour: `grows` if even the lower bound is above it, `flat` if even the upper bound is below it, else
 * `undecided`: too few or too scattered values.
 */
export function judge({ low, high }: Trend, letPass: number): Judgement {
  if (low > letPass) return 'grows'
  return high < letPass ? 'flat' : 'undecided'
}
