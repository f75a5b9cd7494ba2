import { INFERRED_INCIDENT_RECOVERY, INFERRED_RECOVERY, measuredSql, measureNames } from '../definition/measures.js'
import { requestedRows, nextBlockSql } from './daily-counters.js'
import { blockSql, histogramGrains, binGroupSql } from '../definition/counters.js'

const week = histogramGrains.week
const fourWeeks = histogramGrains['four weeks']

/**
 * SQL: CTEs that end in `quantile` (measure, part, value, n): median and 95th percentile of each measure, as `percentile_cont` defines
 * them, of deployments that finished in a window. The histograms of the weeks nearest to the window, adjusted by rows at its ends,
 * determine the bin group of a rank, then its bin within that group, and then the values of that bin.
 */
export function quantilesSql(from: string, to: string, withInferred: boolean): string {
  // Inferred rollbacks are failures, or the incidents of these deployments are.
  const [also, never] = withInferred
    ? [INFERRED_RECOVERY, INFERRED_INCIDENT_RECOVERY]
    : [INFERRED_INCIDENT_RECOVERY, INFERRED_RECOVERY]
  const stored = measureNames.filter(name => name !== never)
  const wanted = `measure = ANY ('{${stored.map(name => `"${name}"`).join(',')}}')`
  const presented = `CASE measure WHEN '${also}' THEN 'recovery' ELSE measure END AS measure`
  const storedAs = (measure: string) =>
    `measure = ANY (CASE WHEN ${measure} = 'recovery' THEN '{recovery,"${also}"}' ELSE ARRAY[${measure}] END::text[])`
  const blocks = (grain: string, first: string, beyond: string) => `
    FROM ${requestedRows('deployment_histogram')} AND grain = '${grain}'
      AND start >= (SELECT ${first} FROM weeks) AND start < (SELECT ${beyond} FROM weeks)`
  const nearestWeek = (at: string) => blockSql(week, `${at} + interval '84 hours'`)
  const rows = (sign: 1 | -1, first: string, beyond: string) => `
    SELECT ${sign} AS sign, * FROM ${requestedRows('deployment_metric')} AND finished_at >= ${first} AND finished_at < ${beyond}`
  const [first, beyond] = ['(SELECT first FROM weeks)', '(SELECT beyond FROM weeks)'] as const
  return `
    weeks AS MATERIALIZED (
      SELECT week.*, coalesce(four.first, week.beyond) AS first_four, coalesce(four.beyond, week.beyond) AS beyond_fours
      FROM (SELECT ${nearestWeek(from)} AS first, ${nearestWeek(to)} AS beyond) week
      LEFT JOIN LATERAL (
        SELECT ${nextBlockSql(fourWeeks, 'week.first')} AS first, ${blockSql(fourWeeks, 'week.beyond')} AS beyond
      ) four ON four.first < four.beyond
    ), cut_off AS MATERIALIZED (
      ${rows(1, from, first)} UNION ALL ${rows(-1, first, from)}
      UNION ALL ${rows(1, beyond, to)} UNION ALL ${rows(-1, to, beyond)}
    ), at_ends AS MATERIALIZED (
      SELECT ${presented}, bin, sum(count) AS count FROM (
        SELECT measure, value_bin(value) AS bin, sign AS count FROM (${measuredSql('cut_off', 'sign')}) measured WHERE ${wanted}
        UNION ALL SELECT measure, bin, count ${blocks('week', 'first', 'first_four')} AND ${wanted}
        UNION ALL SELECT measure, bin, count ${blocks('week', 'beyond_fours', 'beyond')} AND ${wanted}
      ) counts GROUP BY 1, 2
    ), bin_group AS MATERIALIZED (
      SELECT measure, bin_group, upto - count AS below, upto, n FROM (
        SELECT measure, bin_group, count, sum(count) OVER (PARTITION BY measure ORDER BY bin_group)::bigint AS upto,
          sum(count) OVER (PARTITION BY measure)::bigint AS n
        FROM (
          SELECT measure, bin_group, sum(count)::bigint AS count FROM (
            SELECT measure, ${binGroupSql('bin')} AS bin_group, count FROM at_ends
            UNION ALL SELECT ${presented}, bin, count ${blocks('bin groups', 'first_four', 'beyond_fours')} AND ${wanted}
          ) counts GROUP BY 1, 2
        ) distribution
      ) summed
    ), rank AS MATERIALIZED (
      SELECT measure, n, part, at, floor(at)::bigint AS low, ceil(at)::bigint AS high
      FROM (SELECT DISTINCT measure, n FROM bin_group) known
      CROSS JOIN (VALUES (0.5::double precision), (0.95)) parts(part)
      CROSS JOIN LATERAL (SELECT part * (n - 1) AS at) exact
    ), sought AS MATERIALIZED (
      SELECT DISTINCT measure, k, bin_group, below FROM rank CROSS JOIN LATERAL (VALUES (low), (high)) ends(k)
      JOIN bin_group USING (measure) WHERE below <= k AND k < upto
    ), bins AS MATERIALIZED (
      SELECT measure, bin_group, distribution.bin, below + upto - count AS below, below + upto AS upto
      FROM (SELECT DISTINCT measure, bin_group, below FROM sought) within CROSS JOIN LATERAL (
        SELECT bin, sum(count)::bigint AS count, (sum(sum(count)) OVER (ORDER BY bin))::bigint AS upto FROM (
          SELECT bin, count FROM at_ends WHERE at_ends.measure = within.measure AND ${binGroupSql('bin')} = bin_group
          UNION ALL SELECT bin, count ${blocks('four weeks', 'first_four', 'beyond_fours')} AND ${storedAs('within.measure')}
            AND bin >= bin_group << 5 AND bin < (bin_group + 1) << 5
        ) counts GROUP BY bin
      ) distribution
    ), located AS MATERIALIZED (
      SELECT measure, k, bin, k - bins.below AS at FROM sought JOIN bins USING (measure, bin_group)
      WHERE bins.below <= k AND k < bins.upto
    ), valued AS MATERIALIZED (
      SELECT measure, bin, ordered FROM (SELECT DISTINCT measure, bin FROM located WHERE bin <> 0) within CROSS JOIN LATERAL (
        SELECT array_agg(value ORDER BY value) AS ordered FROM (
          SELECT value, generate_series(1, count) FROM ${requestedRows('deployment_value')} AND ${storedAs('within.measure')}
            AND bin = within.bin AND finished_at >= ${from} AND finished_at < ${to}
        ) each
      ) v
    ), found AS MATERIALIZED (
      SELECT measure, k, coalesce(ordered[at + 1], 0)::double precision AS value FROM located LEFT JOIN valued USING (measure, bin)
    ), quantile AS MATERIALIZED (
      SELECT rank.measure, part, n, low.value + (at - rank.low) * (high.value - low.value) AS value
      FROM rank JOIN found low ON low.measure = rank.measure AND low.k = rank.low
      JOIN found high ON high.measure = rank.measure AND high.k = rank.high
    )`
}
