import { measuredSql } from './measures.js'

/** SQL: conditions on rows of deployment_metric, by the counter column. */
export const counterConditions = {
  deployments: 'NOT cancelled',
  successes: 'succeeded',
  failed: `failure_kind = 'failed'`,
  reported: `failure_kind = 'reported'`,
  inferred: `failure_kind = 'inferred'`,
  unplanned: 'unplanned',
  recovered: 'recovered_at IS NOT NULL',
  recovered_inferred: `recovered_at IS NOT NULL AND failure_kind = 'inferred'`,
  cancelled: 'cancelled',
  incidents: `failure_kind = 'incident'`,
  inferred_incidents: `failure_kind = 'inferred' AND incident_at IS NOT NULL`,
  recovered_inferred_incidents: `failure_kind = 'inferred' AND incident_recovered_at IS NOT NULL`,
}

const counts = Object.keys(counterConditions)
const sums = Object.entries(counterConditions).map(
  ([name, holds]) => `coalesce(sum(sign) FILTER (WHERE ${holds}), 0) AS ${name}`,
)

// Blocks of equal length, counted from a Monday: date_bin is exact, where date_trunc depends on a time zone. In hours, since adding a day
// to an instant uses the session's time zone, in which a day may have 23 hours.
const ORIGIN = `timestamptz '2001-01-01Z'`
export const counterGrains = { hour: '1 hour', day: '24 hours' }
// Bin groups have blocks of four weeks.
export const histogramGrains = { week: '168 hours', 'four weeks': '672 hours', 'bin groups': '672 hours' }

/** SQL: the bin group of a bin: each has 32 consecutive bins, the one of zero included. */
export const binGroupSql = (of: string): string => `(${of} >> 5)`

/** SQL: the start of the block that contains an instant. */
export const blockSql = (length: string, at: string): string => `date_bin('${length}', ${at}, ${ORIGIN})`

const rowsOf = (grains: Record<string, string>, at: string) =>
  `(VALUES ${Object.entries(grains)
    .map(([name, length]) => `('${name}', ${blockSql(length, at)})`)
    .join(', ')}) AS block(grain, start)`

/**
 * SQL: statements after the CTE `delta`: add it to the sums, and return the keys of sums that became zero (table_name, row_id), to be
 * deleted. Partitions share these rows: the statement is the last of a transaction, and writes them table by table in key order, so that
 * two transactions cannot deadlock and wait briefly.
 */
export const ADD_TO_SUMS = `
  counter AS (
    INSERT INTO deployment_counter AS t (tenant, environment_name, grain, start, ${counts.join(', ')})
    SELECT tenant, environment_name, grain, start, ${sums.join(', ')}
    FROM delta CROSS JOIN LATERAL ${rowsOf(counterGrains, 'finished_at')}
    GROUP BY tenant, environment_name, grain, start
    ORDER BY tenant, environment_name, grain, start
    ON CONFLICT (tenant, environment_name, grain, start) DO UPDATE
      SET ${counts.map(name => `${name} = t.${name} + excluded.${name}`).join(', ')}
    RETURNING t.ctid AS row_id, t.deployments, t.cancelled
  ), distribution AS MATERIALIZED (
    SELECT tenant, environment_name, measure, value_bin(value) AS bin, finished_at, value, sum(sign) AS count
    FROM (${measuredSql('delta', 'sign, tenant, environment_name, finished_at')}) measured
    WHERE (SELECT count(*) FROM counter) >= 0
    GROUP BY tenant, environment_name, measure, finished_at, value HAVING sum(sign) <> 0
  ), histogram AS (
    INSERT INTO deployment_histogram AS t (tenant, environment_name, measure, grain, start, bin, count)
    SELECT tenant, environment_name, measure, grain, start, CASE grain WHEN 'bin groups' THEN ${binGroupSql('bin')} ELSE bin END, sum(count)
    FROM distribution CROSS JOIN LATERAL ${rowsOf(histogramGrains, 'finished_at')}
    GROUP BY 1, 2, 3, 4, 5, 6 HAVING sum(count) <> 0
    ORDER BY 1, 2, 3, 4, 5, 6
    ON CONFLICT (tenant, environment_name, measure, grain, start, bin) DO UPDATE SET count = t.count + excluded.count
    RETURNING t.ctid AS row_id, t.count
  ), stored_value AS (
    INSERT INTO deployment_value AS t (tenant, environment_name, measure, bin, finished_at, value, count)
    SELECT * FROM distribution WHERE bin <> 0 AND (SELECT count(*) FROM histogram) >= 0
    ORDER BY tenant, environment_name, measure, bin, finished_at, value
    ON CONFLICT (tenant, environment_name, measure, bin, finished_at, value) DO UPDATE SET count = t.count + excluded.count
    RETURNING t.ctid AS row_id, t.count
  )
  SELECT 'deployment_counter' AS table_name, row_id FROM counter WHERE deployments = 0 AND cancelled = 0
  UNION ALL SELECT 'deployment_histogram', row_id FROM histogram WHERE count = 0
  UNION ALL SELECT 'deployment_value', row_id FROM stored_value WHERE count = 0`

export const sumTables = ['deployment_counter', 'deployment_histogram', 'deployment_value'] as const
