import { measuredSql } from './measures.js'

/** SQL: conditions on rows of deployment_metric, by the column of deployment_tally that counts them. */
export const tallies = {
  deployments: 'true',
  successes: 'succeeded',
  failed: `fault = 'failed'`,
  reported: `fault = 'reported'`,
  inferred: `fault = 'inferred'`,
  unplanned: 'unplanned',
  recovered: 'recovered_at IS NOT NULL',
  recovered_inferred: `recovered_at IS NOT NULL AND fault = 'inferred'`,
}

const counts = Object.keys(tallies)
const sums = Object.entries(tallies).map(([name, holds]) => `coalesce(sum(sign) FILTER (WHERE ${holds}), 0) AS ${name}`)

// Blocks of equal length, counted from a Monday: date_bin is exact where date_trunc asks for a time zone. In hours: a day that is added to
// an instant is one of the session's time zone, which may have 23 of them.
const ORIGIN = `timestamptz '2001-01-01Z'`
export const counterGrains = { hour: '1 hour', day: '24 hours' }
// The octaves are those of four weeks.
export const histogramGrains = { week: '168 hours', 'four weeks': '672 hours', binGroups: '672 hours' }

/** SQL: which octave a class is in: 32 of them follow one another, the one of zero in their order. */
export const binGroupSql = (of: string): string => `(${of} >> 5)`

/** SQL: the start of the block that an instant is in. */
export const blockSql = (length: string, at: string): string => `date_bin('${length}', ${at}, ${ORIGIN})`

const rowsOf = (grains: Record<string, string>, at: string) =>
  `(VALUES ${Object.entries(grains)
    .map(([name, length]) => `('${name}', ${blockSql(length, at)})`)
    .join(', ')}) AS block(grain, start)`

/**
 * SQL: what follows the CTE `delta`: adds it to the sums, and gives where the sums that came to nothing stand (table_name, place), to be
 * deleted. Partitions share these rows: the statement is the last of a transaction, and writes them table by table, by key, so that two
 * of them cannot wait for each other and nobody waits for long.
 */
export const ADD_TO_SUMS = `
  tallied AS (
    INSERT INTO deployment_tally AS t (tenant, environment_name, grain, start, ${counts.join(', ')})
    SELECT tenant, environment_name, grain, start, ${sums.join(', ')}
    FROM delta CROSS JOIN LATERAL ${rowsOf(counterGrains, 'finished_at')}
    GROUP BY tenant, environment_name, grain, start
    ORDER BY tenant, environment_name, grain, start
    ON CONFLICT (tenant, environment_name, grain, start) DO UPDATE
      SET ${counts.map(name => `${name} = t.${name} + excluded.${name}`).join(', ')}
    RETURNING t.ctid AS place, t.deployments
  ), spread AS MATERIALIZED (
    SELECT tenant, environment_name, measure, value_class(value) AS class, finished_at, value, sum(sign) AS count
    FROM (${measuredSql('delta', 'sign, tenant, environment_name, finished_at')}) measured
    WHERE (SELECT count(*) FROM tallied) >= 0
    GROUP BY tenant, environment_name, measure, finished_at, value HAVING sum(sign) <> 0
  ), counted AS (
    INSERT INTO deployment_histogram AS t (tenant, environment_name, measure, grain, start, class, count)
    SELECT tenant, environment_name, measure, grain, start, CASE grain WHEN 'octaves' THEN ${binGroupSql('class')} ELSE class END, sum(count)
    FROM spread CROSS JOIN LATERAL ${rowsOf(histogramGrains, 'finished_at')}
    GROUP BY 1, 2, 3, 4, 5, 6 HAVING sum(count) <> 0
    ORDER BY 1, 2, 3, 4, 5, 6
    ON CONFLICT (tenant, environment_name, measure, grain, start, class) DO UPDATE SET count = t.count + excluded.count
    RETURNING t.ctid AS place, t.count
  ), kept AS (
    INSERT INTO deployment_value AS t (tenant, environment_name, measure, class, finished_at, value, count)
    SELECT * FROM spread WHERE class <> 0 AND (SELECT count(*) FROM counted) >= 0
    ORDER BY tenant, environment_name, measure, class, finished_at, value
    ON CONFLICT (tenant, environment_name, measure, class, finished_at, value) DO UPDATE SET count = t.count + excluded.count
    RETURNING t.ctid AS place, t.count
  )
  SELECT 'deployment_tally' AS table_name, place FROM tallied WHERE deployments = 0
  UNION ALL SELECT 'deployment_histogram', place FROM counted WHERE count = 0
  UNION ALL SELECT 'deployment_value', place FROM kept WHERE count = 0`

export const sumTables = ['deployment_tally', 'deployment_histogram', 'deployment_value'] as const
