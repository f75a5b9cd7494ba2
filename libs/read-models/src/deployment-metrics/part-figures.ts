import type { Figures, Spread } from './figures.js'
import { metricOf, type Metric } from './metrics.js'

/** One row's part in a figure (see parts.ts), and its milliseconds where the figure is made of them. */
export type Part = [part: string, milliseconds: number | null]

/** A metric of a period as the metrics have it, without its buckets, from all of its parts. @param days of the period's calendar */
export function figureOf(metric: Metric, parts: readonly Part[], days: number): unknown {
  const count = (name: string) => parts.filter(([part]) => part === name).length
  const values = parts.flatMap(([, milliseconds]) => (milliseconds === null ? [] : [milliseconds]))
  const spread = spreadOf(values.toSorted((a, b) => a - b))
  const figures: Figures = {
    environment: '',
    deployments: parts.length,
    successes: parts.length,
    failed: count('failed'),
    reported: count('rolledBackReported'),
    inferred: count('rolledBackInferred'),
    unplanned: count('unplanned'),
    recovered: count('recovered'),
    open: count('open'),
    days,
    buckets: [],
    leadTime: spread,
    recovery: spread,
    duration: spread,
    promotionLead: spread,
  }
  if (metric !== 'deploymentFrequency') return metricOf[metric](figures)
  const { buckets: _, ...frequency } = metricOf[metric](figures)
  return frequency
}

function spreadOf(sorted: readonly number[]): Spread {
  return { median: percentile(sorted, 0.5), p95: percentile(sorted, 0.95), n: sorted.length }
}

/** As `percentile_cont` of Postgres has it. */
function percentile(sorted: readonly number[], fraction: number): number | null {
  if (sorted.length === 0) return null
  const rank = fraction * (sorted.length - 1)
  const [low, high] = [sorted[Math.floor(rank)]!, sorted[Math.ceil(rank)]!]
  return low + (rank - Math.floor(rank)) * (high - low)
}
