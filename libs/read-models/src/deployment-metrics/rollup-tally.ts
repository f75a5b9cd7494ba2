import { blockSql, tallies, tallyGrains } from './tally.js'

const { hour, day } = tallyGrains
const counts = Object.keys(tallies)
const ofRow = Object.entries(tallies).map(([name, holds]) => `coalesce((${holds})::integer, 0) AS ${name}`)

/** SQL: the first start of a block that is not before an instant. */
export const nextBlockSql = (length: string, at: string): string =>
  `${blockSql(length, `${at} + interval '${length}' - interval '1 microsecond'`)}`

/** SQL: rows of a relation in the environment that is asked for. */
export const askedRows = (table: string): string =>
  `${table} WHERE tenant = $1 AND environment_name = (SELECT name FROM asked)`

/**
 * SQL: CTEs that end in `counted`, the tallies of each of `bucket` that has any, and `total`. Days where no bucket begins inside one, else
 * hours; the rows themselves at the window's ends, and in hours that a bucket begins inside of (zones of half an hour).
 */
export function countedSql(from: string, to: string): string {
  const tally = (grain: string, first: string, beyond: string) => `
    SELECT start AS at, ${counts.join(', ')} FROM ${askedRows('deployment_tally')} AND grain = '${grain}'
      AND start >= (SELECT ${first} FROM span) AND start < (SELECT ${beyond} FROM span)`
  const rows = (first: string, beyond: string) => `
    SELECT finished_at, ${ofRow.join(', ')} FROM ${askedRows('deployment_metric')}
      AND finished_at >= ${first} AND finished_at < ${beyond}`
  const ofSpan = (column: string) => `(SELECT ${column} FROM span)`
  return `
    hours AS MATERIALIZED (
      SELECT first, greatest(first, ${blockSql(hour, to)}) AS beyond
      FROM (SELECT least(${nextBlockSql(hour, from)}, ${to}) AS first) f
    ), whole_days AS (
      SELECT ${nextBlockSql(day, from)} AS first, ${blockSql(day, to)} AS beyond
      WHERE NOT EXISTS (SELECT FROM bucket WHERE start > ${from} AND start <> ${blockSql(day, 'start')})
    ), span AS MATERIALIZED (
      SELECT hours.first AS first_hour, hours.beyond AS beyond_hours, coalesce(days.first, hours.beyond) AS first_day,
        coalesce(days.beyond, hours.beyond) AS beyond_days
      FROM hours LEFT JOIN whole_days days ON days.first < days.beyond
    ), cut_hour AS MATERIALIZED (
      SELECT DISTINCT hour FROM (SELECT start, ${blockSql(hour, 'start')} AS hour FROM bucket) b
      WHERE start > ${from} AND start <> hour AND hour >= ${ofSpan('first_hour')} AND hour < ${ofSpan('beyond_hours')}
    ), part AS (
      ${tally('day', 'first_day', 'beyond_days')}
      UNION ALL ${tally('hour', 'first_hour', 'first_day')} AND start NOT IN (SELECT hour FROM cut_hour)
      UNION ALL ${tally('hour', 'beyond_days', 'beyond_hours')} AND start NOT IN (SELECT hour FROM cut_hour)
      UNION ALL ${rows(from, ofSpan('first_hour'))}
      UNION ALL ${rows(ofSpan('beyond_hours'), to)}
      UNION ALL SELECT cut.* FROM cut_hour CROSS JOIN LATERAL (
        ${rows('cut_hour.hour', `cut_hour.hour + interval '${hour}'`)}) cut
    ), counted AS MATERIALIZED (
      SELECT width_bucket(at, (SELECT array_agg(start ORDER BY n) FROM bucket)) AS n,
        ${counts.map(name => `sum(${name})::bigint AS ${name}`).join(', ')}
      FROM part GROUP BY 1
    ), total AS MATERIALIZED (
      SELECT ${counts.map(name => `coalesce(sum(${name}), 0)::bigint AS ${name}`).join(', ')} FROM counted
    )`
}
