import { isDaySql } from '../../sql/window.js'

/** Of what metrics are asked. */
export interface MetricValuesRequest {
  tenant: string
  /** Any name of it: aliases resolve; the pipeline's last one where left out (`askedEnvironmentSql`). */
  environment?: string
  application?: string
  /** RFC 3339: finished then or later. */
  from: string
  /** RFC 3339: finished before then; later than `from`. */
  to: string
  bucket: Bucket
  /** A name that Postgres knows. */
  timezone: string
  /** `reported`: inferred rollbacks are no faults; neither in the rate nor in the recovery. */
  rollbacks: 'all' | 'reported'
}

export const buckets = ['day', 'week', 'month'] as const
export type Bucket = (typeof buckets)[number]

/** A median, and how many values it is of; `null` of nothing. Milliseconds, as `percentile_cont` has them. */
export interface Median {
  median: number | null
  n: number
}

export interface Spread extends Median {
  p95: number | null
}

/** How well was delivered to one environment in a window: what the metrics are made of. */
export interface MetricValues {
  /** By the pipeline's name. */
  environment: string
  /** That finished in the window; the three faults are disjoint parts of them. */
  deployments: number
  successes: number
  failed: number
  reported: number
  inferred: number
  unplanned: number
  /** Of the faults: `recovery.n`, and those without a later success. */
  recovered: number
  open: number
  /** Calendar days in the time zone that the window touches. */
  days: number
  /** Successes; the empty ones too. `start` is RFC 3339, the local start, also where it lies before `from`. */
  buckets: { start: string; count: number }[]
  /** Of commits. */
  leadTime: Spread
  recovery: Median
  duration: Spread
  /** Of tags. */
  promotionLead: Spread
}

/** SQL: the pipeline's name of the environment that is asked for. @param environment `environmentParameter`; NULL: the pipeline's last */
export function requestedEnvironmentSql(tenant: string, environment: string): string {
  return `(SELECT coalesce(environment_name(${tenant}, ${environment}), (SELECT name FROM environments(${tenant}) ORDER BY rank DESC LIMIT 1)))`
}

/** SQL: calendar days in a time zone that a window touches; of the parameters of a window. A day that a zone has left out is none. */
export function daysSql(from: string, to: string, timezone: string): string {
  const { first, last } = touchedSql('day', from, to, timezone)
  return `(
    SELECT count(*)::integer FROM generate_series(${first}, ${last}, interval '1 day') AS day
    WHERE ${isDaySql('day', timezone)})`
}

/** SQL: local starts of the first and the last bucket of a window. Where the clocks go back over midnight, it may end on the day before. */
function touchedSql(bucket: Bucket, from: string, to: string, timezone: string): { first: string; last: string } {
  const local = (at: string) => `date_trunc('${bucket}', ${at} AT TIME ZONE ${timezone})`
  const ends = `${local(`${from}::timestamptz`)}, ${local(`(${to}::timestamptz - interval '1 millisecond')`)}`
  return { first: `least(${ends})`, last: `greatest(${ends})` }
}

/**
 * SQL: the buckets that a window touches, as rows `(start, until)`: instants, `until` is the next one's start. Of a local midnight that comes
 * twice (the clocks go back over it) the first is the start; a day that a zone has left out is none.
 */
export function bucketsSql(bucket: Bucket, from: string, to: string, timezone: string): string {
  const { first, last } = touchedSql(bucket, from, to, timezone)
  const beyond = `${last} + interval '1 ${bucket}'`
  // Postgres reads a time that comes twice as the second one; with the offset of the day before it is the first.
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
