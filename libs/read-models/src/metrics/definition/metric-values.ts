import { isDaySql } from '../../sql/window.js'
import type { MetricScope } from './scope.js'

/** Metrics to compute. */
export interface MetricValuesRequest extends MetricScope {
  /** RFC 3339: inclusive start of the finish. */
  from: string
  /** RFC 3339: exclusive end of the finish; later than `from`. */
  to: string
  bucket: Bucket
  /** A name known to Postgres. */
  timezone: string
  /** `reported`: inferred rollbacks are not failures, neither in the rate nor in the recovery; their incidents count then. */
  rollbacks: 'all' | 'reported'
}

export const buckets = ['day', 'week', 'month'] as const
export type Bucket = (typeof buckets)[number]

/** A median and the number of its values; `null` without values. Milliseconds, as `percentile_cont` returns them. */
export interface Median {
  median: number | null
  n: number
}

export interface Spread extends Median {
  p95: number | null
}

/** The metric values of environments in a window. */
export interface MetricValues {
  /** By the pipeline's name. */
  environment?: string
  /** In its place the names of several, sorted. */
  environments?: string[]
  /** Finished in the window, and not cancelled; the four failure kinds are disjoint parts of them. */
  deployments: number
  cancelled: number
  successes: number
  failed: number
  reported: number
  inferred: number
  incidents: number
  /** Incidents that started in the window and belong to no deployment. */
  unattributed: number
  unplanned: number
  /** Failures that have recovered (`recovery.n`) and that have not. */
  recovered: number
  open: number
  /** Calendar days in the time zone that the window touches. */
  days: number
  /** Successes, including empty buckets. `start` is RFC 3339, the local start, even if it is before `from`. */
  buckets: { start: string; count: number }[]
  /** Of commits. */
  leadTime: Spread
  recovery: Median
  duration: Spread
  /** Of tags. */
  promotionLead: Spread
}

/** SQL: calendar days in a time zone that a window touches, by the parameters of a window. A day that a zone skipped does not count. */
export function daysSql(from: string, to: string, timezone: string): string {
  const { first, last } = touchedSql('day', from, to, timezone)
  return `(
    SELECT count(*)::integer FROM generate_series(${first}, ${last}, interval '1 day') AS day
    WHERE ${isDaySql('day', timezone)})`
}

/** SQL: local starts of the first and the last bucket of a window. If the clocks go back over midnight, it may end on the previous day. */
function touchedSql(bucket: Bucket, from: string, to: string, timezone: string): { first: string; last: string } {
  const local = (at: string) => `date_trunc('${bucket}', ${at} AT TIME ZONE ${timezone})`
  const ends = `${local(`${from}::timestamptz`)}, ${local(`(${to}::timestamptz - interval '1 millisecond')`)}`
  return { first: `least(${ends})`, last: `greatest(${ends})` }
}

/**
 * SQL: the buckets that a window touches, as rows `(start, until)`: instants, `until` is the start of the next one. If a local midnight
 * occurs twice (the clocks go back over it), the first one is the start; a day that a zone skipped does not count.
 */
export function bucketsSql(bucket: Bucket, from: string, to: string, timezone: string): string {
  const { first, last } = touchedSql(bucket, from, to, timezone)
  const beyond = `${last} + interval '1 ${bucket}'`
  // Postgres interprets an ambiguous local time as the second one; with the offset of the previous day it is the first.
  return `
    SELECT start, until FROM (
      SELECT start, lead(start) OVER (ORDER BY start) AS until FROM (
        SELECT DISTINCT CASE WHEN earlier < at AND earlier AT TIME ZONE ${timezone} = local THEN earlier ELSE at END AS start
        FROM generate_series(${first}, ${beyond}, interval '1 ${bucket}') AS local
        CROSS JOIN LATERAL (SELECT local AT TIME ZONE ${timezone} AS at) once
        CROSS JOIN LATERAL (
          SELECT (local - (before AT TIME ZONE ${timezone} - before AT TIME ZONE 'UTC')) AT TIME ZONE 'UTC' AS earlier
          FROM (SELECT at - interval '24 hours' AS before) day_before
        ) twice
      ) starts
    ) bounds WHERE until IS NOT NULL`
}
