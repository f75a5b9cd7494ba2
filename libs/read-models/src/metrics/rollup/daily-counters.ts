import { blockSql, counterConditions, counterGrains } from '../definition/counters.js'

const { hour, day } = counterGrains
const counts = Object.keys(counterConditions)
const ofRow = Object.entries(counterConditions).map(([name, holds]) => `coalesce((${holds})::integer, 0) AS ${name}`)

/** SQL: the first start of a block at or after an instant. */
export const nextBlockSql = (length: string, at: string): string =>
  `${blockSql(length, `${at} + interval '${length}' - interval '1 microsecond'`)}`

/** SQL: rows of a relation in the requested environment. */
export const requestedRows = (table: string): string =>
  `${table} WHERE tenant = $tenant AND environment_name = (SELECT name FROM requested)`

/**
 * SQL: CTEs that end in `counted`, the counters of each non-empty `bucket`, and `total`. Sums of days, but of hours at the window's ends
 * and in days that contain the start of a bucket; single rows in hours that are cut (zones with half-hour offsets).
 */
export function countedSql(from: string, to: string): string {
  const counter = (grain: string, first: string, beyond: string) => `
    SELECT start AS at, ${counts.join(', ')} FROM ${requestedRows('deployment_counter')} AND grain = '${grain}'
      AND start >= ${first} AND start < ${beyond}`
  const hours = (first: string, beyond: string) =>
    `${counter('hour', first, beyond)} AND start NOT IN (SELECT start FROM cut_hour)`
  const rows = (first: string, beyond: string) => `
    SELECT finished_at, ${ofRow.join(', ')} FROM ${requestedRows('deployment_metric')}
      AND finished_at >= ${first} AND finished_at < ${beyond}`
  const ofSpan = (column: string) => `(SELECT ${column} FROM span)`
  const cut = (length: string, first: string, beyond: string) => `
    SELECT DISTINCT block AS start FROM (SELECT start, ${blockSql(length, 'start')} AS block FROM bucket) b
    WHERE start > ${from} AND start <> block AND block >= ${ofSpan(first)} AND block < ${ofSpan(beyond)}`
  return `
    hours AS MATERIALIZED (
      SELECT first, greatest(first, ${blockSql(hour, to)}) AS beyond
      FROM (SELECT least(${nextBlockSql(hour, from)}, ${to}) AS first) f
    ), span AS MATERIALIZED (
      SELECT hours.first AS first_hour, hours.beyond AS beyond_hours, coalesce(days.first, hours.beyond) AS first_day,
        coalesce(days.beyond, hours.beyond) AS beyond_days
      FROM hours LEFT JOIN (
        SELECT ${nextBlockSql(day, from)} AS first, ${blockSql(day, to)} AS beyond
      ) days ON days.first < days.beyond
    ), cut_day AS MATERIALIZED (${cut(day, 'first_day', 'beyond_days')}
    ), cut_hour AS MATERIALIZED (${cut(hour, 'first_hour', 'beyond_hours')}
    ), part AS (
      ${counter('day', ofSpan('first_day'), ofSpan('beyond_days'))} AND start NOT IN (SELECT start FROM cut_day)
      UNION ALL ${hours(ofSpan('first_hour'), ofSpan('first_day'))}
      UNION ALL ${hours(ofSpan('beyond_days'), ofSpan('beyond_hours'))}
      UNION ALL SELECT within.* FROM cut_day CROSS JOIN LATERAL (
        ${hours('cut_day.start', `cut_day.start + interval '${day}'`)}) within
      UNION ALL ${rows(from, ofSpan('first_hour'))}
      UNION ALL ${rows(ofSpan('beyond_hours'), to)}
      UNION ALL SELECT within.* FROM cut_hour CROSS JOIN LATERAL (
        ${rows('cut_hour.start', `cut_hour.start + interval '${hour}'`)}) within
    ), counted AS MATERIALIZED (
      SELECT width_bucket(at, (SELECT array_agg(start ORDER BY n) FROM bucket)) AS n,
        ${counts.map(name => `sum(${name})::bigint AS ${name}`).join(', ')}
      FROM part GROUP BY 1
    ), total AS MATERIALIZED (
      SELECT ${counts.map(name => `coalesce(sum(${name}), 0)::bigint AS ${name}`).join(', ')} FROM counted
    )`
}
