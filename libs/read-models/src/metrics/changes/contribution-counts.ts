import type { ChangingEvent, Contribution, ContributionChange, ContributionDifference } from './relations.js'
import type { MetricValues, Spread } from '../definition/metric-values.js'
import type { Metric } from '#libs/api'
import { metricOf } from '../definition/metrics.js'
import type { PresentContributions } from './periods.js'

/** Metric values as JSON. */
type MetricValueKey = string

/** The metric values of a period as known and now, and the events that changed them, each with the values before and after. */
export interface Steps {
  from: MetricValueKey
  to: MetricValueKey
  moves: { event: ChangingEvent; from: MetricValueKey; to: MetricValueKey }[]
}

/** Applies changes one by one, from the start of a page in a period. */
export function stepsOf(
  { before, atCursor }: { before: ContributionDifference; atCursor: ContributionDifference },
  changes: readonly ContributionChange[],
  { contributions, days }: PresentContributions,
  metric: Metric,
): Steps {
  const metricValueOf = (counts: ContributionCounts): MetricValueKey => JSON.stringify(counts.metricValue(metric, days))
  const state = withDifference(contributions, atCursor)
  const moves: Steps['moves'] = []
  let last = metricValueOf(state)
  for (const change of changes) {
    for (const contribution of change.removed) state.remove(contribution)
    for (const contribution of change.added) state.add(contribution)
    const now = metricValueOf(state)
    if (now !== last) moves.push({ event: change.event, from: last, to: now })
    last = now
  }
  return {
    from: metricValueOf(withDifference(contributions, before)),
    to: metricValueOf(new ContributionCounts(contributions)),
    moves,
  }
}

function withDifference(
  contributions: PresentContributions['contributions'],
  difference: ContributionDifference,
): ContributionCounts {
  const keyOf = ([contribution, value]: Contribution) => `${contribution} ${value}`
  const all = new Map(
    contributions.map(([contribution, number]) => [
      keyOf(contribution),
      [contribution, number] as [Contribution, number],
    ]),
  )
  for (const { contribution, count } of difference.values()) {
    const [, known] = all.get(keyOf(contribution)) ?? [contribution, 0]
    all.set(keyOf(contribution), [contribution, known + count])
  }
  return new ContributionCounts(all.values())
}

/** The contributions of a metric, counted. */
class ContributionCounts {
  private readonly counts = new Map<string, number>()
  /** Ascending. */
  private readonly values: number[] = []

  constructor(contributions: Iterable<[Contribution, count: number]> = []) {
    for (const [[contribution, value], count] of contributions) {
      this.count(contribution, count)
      if (value !== null) for (let n = 0; n < count; n++) this.values.push(value)
    }
    this.values.sort((a, b) => a - b)
  }

  add([contribution, value]: Contribution): void {
    this.count(contribution, 1)
    if (value !== null) this.values.splice(this.slotOf(value), 0, value)
  }

  remove([contribution, value]: Contribution): void {
    this.count(contribution, -1)
    if (value !== null) this.values.splice(this.slotOf(value), 1)
  }

  /** A metric of a period, without buckets and `unattributed`. @param days calendar days of the period */
  metricValue(metric: Metric, days: number): unknown {
    const count = (name: string) => this.counts.get(name) ?? 0
    const all = [...this.counts.values()].reduce((sum, one) => sum + one, 0)
    const spread = this.spread()
    const metricValues: MetricValues = {
      environment: '',
      deployments: all,
      cancelled: all,
      successes: all,
      failed: count('failed'),
      reported: count('rolledBackReported'),
      inferred: count('rolledBackInferred'),
      incidents: count('incidents'),
      // In no part: see `metricValue`.
      unattributed: 0,
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
    if (metric === 'deploymentFrequency') return without(metricOf[metric](metricValues), 'buckets')
    if (metric === 'changeFailRate') return without(metricOf[metric](metricValues), 'unattributed')
    return metricOf[metric](metricValues)
  }

  private count(contribution: string, by: number): void {
    this.counts.set(contribution, (this.counts.get(contribution) ?? 0) + by)
  }

  /** The index of a value, or where it would be inserted. */
  private slotOf(value: number): number {
    let [from, to] = [0, this.values.length]
    while (from < to) {
      const middle = (from + to) >>> 1
      if (this.values[middle]! < value) from = middle + 1
      else to = middle
    }
    return from
  }

  private spread(): Spread {
    return { median: this.percentile(0.5), p95: this.percentile(0.95), n: this.values.length }
  }

  /** Like `percentile_cont` of Postgres. */
  private percentile(fraction: number): number | null {
    if (this.values.length === 0) return null
    const rank = fraction * (this.values.length - 1)
    const [low, high] = [this.values[Math.floor(rank)]!, this.values[Math.ceil(rank)]!]
    return low + (rank - Math.floor(rank)) * (high - low)
  }
}

function without<Value extends object, Key extends keyof Value>(value: Value, key: Key): Omit<Value, Key> {
  const { [key]: _, ...others } = value
  return others
}
