import { COMMIT_LEAD, measures, measuredSql } from './measures.js'
import { askedRows, nextBlockSql } from './rollup-tally.js'
import { blockSql, histogramGrains } from './tally.js'

const week = histogramGrains.week
const fourWeeks = histogramGrains['four weeks']

/**
 * SQL: CTEs that end in `quantile` (measure, part, value, n): median and 95th percentile of each measure, as `percentile_cont` has them, of
 * deployments that finished in a window. From the histogram, and the rows of the weeks that the window cuts, follows which class a rank is in;
 * the values of that class say the rest.
 */
export function quantilesSql(from: string, to: string, withInferred: boolean): string {
  const stored = [...Object.keys(measures), COMMIT_LEAD].filter(name => withInferred || name !== 'inferred recovery')
  const wanted = `measure = ANY ('{${stored.map(name => `"${name}"`).join(',')}}')`
  const measure = `CASE measure WHEN 'inferred recovery' THEN 'recovery' ELSE measure END AS measure`
  const blocks = (grain: string, first: string, beyond: string) => `
    SELECT ${measure}, class, count FROM ${askedRows('deployment_histogram')} AND ${wanted} AND grain = '${grain}'
      AND start >= (SELECT ${first} FROM weeks) AND start < (SELECT ${beyond} FROM weeks)`
  const rows = (first: string, beyond: string) => `
    SELECT ${measure}, value_class(value), 1
    FROM (SELECT * FROM ${askedRows('deployment_metric')} AND finished_at >= ${first} AND finished_at < ${beyond}) m
    CROSS JOIN LATERAL (${measuredSql}) measured WHERE ${wanted}`
  return `
    weeks AS MATERIALIZED (
      SELECT week.first, week.beyond, coalesce(four.first, week.beyond) AS first_four, coalesce(four.beyond, week.beyond) AS beyond_fours
      FROM (
        SELECT first, greatest(first, ${blockSql(week, to)}) AS beyond
        FROM (SELECT least(${nextBlockSql(week, from)}, ${to}) AS first) f
      ) week LEFT JOIN (
        SELECT ${nextBlockSql(fourWeeks, from)} AS first, ${blockSql(fourWeeks, to)} AS beyond
      ) four ON four.first < four.beyond
    ), spread AS MATERIALIZED (
      SELECT measure, class, sum(count)::bigint AS count FROM (
        ${blocks('four weeks', 'first_four', 'beyond_fours')}
        UNION ALL ${blocks('week', 'first', 'first_four')}
        UNION ALL ${blocks('week', 'beyond_fours', 'beyond')}
        UNION ALL ${rows(from, '(SELECT first FROM weeks)')}
        UNION ALL ${rows('(SELECT beyond FROM weeks)', to)}
      ) counts GROUP BY 1, 2
    ), ranked AS MATERIALIZED (
      SELECT measure, class, upto - count AS below, upto, n FROM (
        SELECT measure, class, count, sum(count) OVER (PARTITION BY measure ORDER BY class)::bigint AS upto,
          sum(count) OVER (PARTITION BY measure)::bigint AS n
        FROM spread
      ) summed
    ), rank AS (
      SELECT measure, n, part, place, floor(place)::bigint AS low, ceil(place)::bigint AS high
      FROM (SELECT DISTINCT measure, n FROM ranked) known
      CROSS JOIN (VALUES (0.5::double precision), (0.95)) parts(part)
      CROSS JOIN LATERAL (SELECT part * (n - 1) AS place) placed
    ), sought AS MATERIALIZED (
      SELECT DISTINCT ranked.measure, ranked.class, ranked.below, k FROM rank CROSS JOIN LATERAL (VALUES (low), (high)) ends(k)
      JOIN ranked ON ranked.measure = rank.measure AND ranked.below <= k AND k < ranked.upto
    ), valued AS MATERIALIZED (
      SELECT measure, class, value, below + sum(count) OVER (PARTITION BY measure, class ORDER BY value) AS upto
      FROM (
        SELECT classes.measure, classes.class, classes.below, v.value, v.count
        FROM (SELECT DISTINCT measure, class, below FROM sought WHERE class <> 0) classes CROSS JOIN LATERAL (
          SELECT value, count FROM ${askedRows('deployment_value')} AND class = classes.class
            AND measure = ANY (CASE WHEN classes.measure = 'recovery' AND ${withInferred} THEN '{recovery,"inferred recovery"}'
              ELSE ARRAY[classes.measure] END::text[])
            AND finished_at >= ${from} AND finished_at < ${to}
        ) v
      ) known
    ), found AS MATERIALIZED (
      SELECT sought.measure, k, coalesce(min(value), 0)::double precision AS value
      FROM sought LEFT JOIN valued ON valued.measure = sought.measure AND valued.class = sought.class AND valued.upto > k
      GROUP BY sought.measure, k
    ), quantile AS MATERIALIZED (
      SELECT rank.measure, part, n, low.value + (place - rank.low) * (high.value - low.value) AS value
      FROM rank JOIN found low ON low.measure = rank.measure AND low.k = rank.low
      JOIN found high ON high.measure = rank.measure AND high.k = rank.high
    )`
}
