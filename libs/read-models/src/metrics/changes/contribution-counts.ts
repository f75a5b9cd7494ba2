import type { ChangingEvent, Part, PartChange, PartDifference } from './relations.js'
import type { MetricValues, Spread } from '../definition/metric-values.js'
import { metricOf, type Metric } from '../definition/metrics.js'
import type { PresentParts } from './periods.js'

/** A figure, as JSON. */
type MetricValueKey = string

/** What the figure of a period was known to be, what it is, and the events that moved it, each with the figure before and after it. */
export interface Steps {
  from: MetricValueKey
  to: MetricValueKey
  moves: { event: ChangingEvent; from: MetricValueKey; to: MetricValueKey }[]
}

/** Applies changes one by one, from where a page begins in a period. */
export function stepsOf(
  { before, atCursor }: { before: PartDifference; atCursor: PartDifference },
  changes: readonly PartChange[],
  { parts, days }: PresentParts,
  metric: Metric,
): Steps {
  const metricValueOf = (counts: PartCounts): MetricValueKey => JSON.stringify(counts.metricValue(metric, days))
  const state = withDifference(parts, atCursor)
  const moves: Steps['moves'] = []
  let last = metricValueOf(state)
  for (const change of changes) {
    for (const part of change.removed) state.remove(part)
    for (const part of change.added) state.add(part)
    const now = metricValueOf(state)
    if (now !== last) moves.push({ event: change.event, from: last, to: now })
    last = now
  }
  return { from: metricValueOf(withDifference(parts, before)), to: metricValueOf(new PartCounts(parts)), moves }
}

function withDifference(parts: PresentParts['parts'], difference: PartDifference): PartCounts {
  const keyOf = ([part, value]: Part) => `${part} ${value}`
  const all = new Map(parts.map(([part, number]) => [keyOf(part), [part, number] as [Part, number]]))
  for (const { part, count } of difference.values()) {
    const [, known] = all.get(keyOf(part)) ?? [part, 0]
    all.set(keyOf(part), [part, known + count])
  }
  return new PartCounts(all.values())
}

/** The parts of a figure, counted. */
class PartCounts {
  private readonly counts = new Map<string, number>()
  /** Ascending. */
  private readonly values: number[] = []

  constructor(parts: Iterable<[Part, count: number]> = []) {
    for (const [[part, value], count] of parts) {
      this.count(part, count)
      if (value !== null) for (let n = 0; n < count; n++) this.values.push(value)
    }
    this.values.sort((a, b) => a - b)
  }

  add([part, value]: Part): void {
    this.count(part, 1)
    if (value !== null) this.values.splice(this.slotOf(value), 0, value)
  }

  remove([part, value]: Part): void {
    this.count(part, -1)
    if (value !== null) this.values.splice(this.slotOf(value), 1)
  }

  /** A metric of a period as the metrics have it, without its buckets. @param days of the period's calendar */
  metricValue(metric: Metric, days: number): unknown {
    const count = (name: string) => this.counts.get(name) ?? 0
    const all = [...this.counts.values()].reduce((sum, one) => sum + one, 0)
    const spread = this.spread()
    const metricValues: MetricValues = {
      environment: '',
      deployments: all,
      successes: all,
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
    if (metric !== 'deploymentFrequency') return metricOf[metric](metricValues)
    const { buckets: _, ...frequency } = metricOf[metric](metricValues)
    return frequency
  }

  private count(part: string, by: number): void {
    this.counts.set(part, (this.counts.get(part) ?? 0) + by)
  }

  /** Where a value stands, or would. */
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

  /** As `percentile_cont` of Postgres has it. */
  private percentile(fraction: number): number | null {
    if (this.values.length === 0) return null
    const rank = fraction * (this.values.length - 1)
    const [low, high] = [this.values[Math.floor(rank)]!, this.values[Math.ceil(rank)]!]
    return low + (rank - Math.floor(rank)) * (high - low)
  }
}
