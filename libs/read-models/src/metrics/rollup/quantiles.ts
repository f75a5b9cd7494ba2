import { measuredSql, measureNames } from '../definition/measures.js'
import { requestedRows, nextBlockSql } from './daily-counters.js'
import { blockSql, histogramGrains, binGroupSql } from '../definition/counters.js'

const week = histogramGrains.week
const fourWeeks = histogramGrains['four weeks']

/**
 * SQL: CTEs that end in `quantile` (measure, part, value, n): median and 95th percentile of each measure, as `percentile_cont` has them, of
 * deployments that finished in a window. From the histograms of the weeks nearest to the window, and the rows that these lack or have too many
 * at its ends, follows which octave a rank is in, and then which class of just that octave; the values of that class say the rest.
 */
export function quantilesSql(from: string, to: string, withInferred: boolean): string {
  const stored = measureNames.filter(name => withInferred || name !== 'inferred recovery')
  const wanted = `measure = ANY ('{${stored.map(name => `"${name}"`).join(',')}}')`
  const presented = `CASE measure WHEN 'inferred recovery' THEN 'recovery' ELSE measure END AS measure`
  const storedAs = (measure: string) =>
    `measure = ANY (CASE WHEN ${measure} = 'recovery' AND ${withInferred} THEN '{recovery,"inferred recovery"}' ELSE ARRAY[${measure}] END::text[])`
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
      SELECT ${presented}, class, sum(count) AS count FROM (
        SELECT measure, value_class(value) AS class, sign AS count FROM (${measuredSql('cut_off', 'sign')}) measured WHERE ${wanted}
        UNION ALL SELECT measure, class, count ${blocks('week', 'first', 'first_four')} AND ${wanted}
        UNION ALL SELECT measure, class, count ${blocks('week', 'beyond_fours', 'beyond')} AND ${wanted}
      ) counts GROUP BY 1, 2
    ), octave AS MATERIALIZED (
      SELECT measure, octave, upto - count AS below, upto, n FROM (
        SELECT measure, octave, count, sum(count) OVER (PARTITION BY measure ORDER BY octave)::bigint AS upto,
          sum(count) OVER (PARTITION BY measure)::bigint AS n
        FROM (
          SELECT measure, octave, sum(count)::bigint AS count FROM (
            SELECT measure, ${binGroupSql('class')} AS octave, count FROM at_ends
            UNION ALL SELECT ${presented}, class, count ${blocks('octaves', 'first_four', 'beyond_fours')} AND ${wanted}
          ) counts GROUP BY 1, 2
        ) spread
      ) summed
    ), rank AS MATERIALIZED (
      SELECT measure, n, part, place, floor(place)::bigint AS low, ceil(place)::bigint AS high
      FROM (SELECT DISTINCT measure, n FROM octave) known
      CROSS JOIN (VALUES (0.5::double precision), (0.95)) parts(part)
      CROSS JOIN LATERAL (SELECT part * (n - 1) AS place) placed
    ), sought AS MATERIALIZED (
      SELECT DISTINCT measure, k, octave, below FROM rank CROSS JOIN LATERAL (VALUES (low), (high)) ends(k)
      JOIN octave USING (measure) WHERE below <= k AND k < upto
    ), classes AS MATERIALIZED (
      SELECT measure, octave, spread.class, below + upto - count AS below, below + upto AS upto
      FROM (SELECT DISTINCT measure, octave, below FROM sought) within CROSS JOIN LATERAL (
        SELECT class, sum(count)::bigint AS count, (sum(sum(count)) OVER (ORDER BY class))::bigint AS upto FROM (
          SELECT class, count FROM at_ends WHERE at_ends.measure = within.measure AND ${binGroupSql('class')} = octave
          UNION ALL SELECT class, count ${blocks('four weeks', 'first_four', 'beyond_fours')} AND ${storedAs('within.measure')}
            AND class >= octave << 5 AND class < (octave + 1) << 5
        ) counts GROUP BY class
      ) spread
    ), placed AS MATERIALIZED (
      SELECT measure, k, class, k - classes.below AS place FROM sought JOIN classes USING (measure, octave)
      WHERE classes.below <= k AND k < classes.upto
    ), valued AS MATERIALIZED (
      SELECT measure, class, ordered FROM (SELECT DISTINCT measure, class FROM placed WHERE class <> 0) within CROSS JOIN LATERAL (
        SELECT array_agg(value ORDER BY value) AS ordered FROM (
          SELECT value, generate_series(1, count) FROM ${requestedRows('deployment_value')} AND ${storedAs('within.measure')}
            AND class = within.class AND finished_at >= ${from} AND finished_at < ${to}
        ) each
      ) v
    ), found AS MATERIALIZED (
      SELECT measure, k, coalesce(ordered[place + 1], 0)::double precision AS value FROM placed LEFT JOIN valued USING (measure, class)
    ), quantile AS MATERIALIZED (
      SELECT rank.measure, part, n, low.value + (place - rank.low) * (high.value - low.value) AS value
      FROM rank JOIN found low ON low.measure = rank.measure AND low.k = rank.low
      JOIN found high ON high.measure = rank.measure AND high.k = rank.high
    )`
}
