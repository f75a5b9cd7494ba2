const milliseconds = `(extract(epoch FROM recovered_at - finished_at) * 1000)::bigint`
const block = (length: string) => `date_bin('${length}', finished_at, timestamptz '2001-01-01Z')`

/** Counters of deployments, by hour and by day. */
export const COUNTERS = `
  INSERT INTO deployment_counter (tenant, environment_name, grain, start, deployments, successes, failed, reported, inferred, unplanned,
    recovered, recovered_inferred, cancelled, incidents, inferred_incidents, recovered_inferred_incidents)
  SELECT tenant, environment_name, grain, start, count(*) FILTER (WHERE NOT cancelled), count(*) FILTER (WHERE succeeded),
    count(*) FILTER (WHERE failure_kind = 'failed'), count(*) FILTER (WHERE failure_kind = 'reported'),
    count(*) FILTER (WHERE failure_kind = 'inferred'), count(*) FILTER (WHERE unplanned), count(recovered_at),
    count(recovered_at) FILTER (WHERE failure_kind = 'inferred'), count(*) FILTER (WHERE cancelled), 0, 0, 0
  FROM deployment_metric
  CROSS JOIN LATERAL (VALUES ('hour', ${block('1 hour')}), ('day', ${block('1 day')})) AS block(grain, start)
  WHERE environment_name = ANY ($1) GROUP BY tenant, environment_name, grain, start`

const MEASURED = `
  SELECT tenant, environment_name, measure, value_bin(value) AS bin, finished_at, value
  FROM deployment_metric CROSS JOIN LATERAL (
    SELECT measure, value FROM (VALUES
      ('duration', duration_ms), ('promotion', promotion_lead_ms),
      (CASE failure_kind WHEN 'inferred' THEN 'inferred recovery' ELSE 'recovery' END, ${milliseconds})
    ) AS measured(measure, value) WHERE value IS NOT NULL
    UNION ALL SELECT 'lead', unnest(commit_lead_ms)
  ) AS measured
  WHERE environment_name = ANY ($1)`

/** Measured values of deployments, except for zeros. */
export const VALUES = `
  INSERT INTO deployment_value (tenant, environment_name, measure, bin, finished_at, value, count)
  SELECT tenant, environment_name, measure, bin, finished_at, value, count(*)
  FROM (${MEASURED}) AS measured WHERE bin <> 0 GROUP BY tenant, environment_name, measure, bin, finished_at, value`

/** Number of values in each bin, by week and by four weeks, and in each bin group, by four weeks. Written in order of time. */
export const HISTOGRAMS = `
  INSERT INTO deployment_histogram (tenant, environment_name, measure, grain, start, bin, count)
  SELECT tenant, environment_name, measure, grain, start, block.bin, count(*)
  FROM (${MEASURED}) AS measured
  CROSS JOIN LATERAL (VALUES
    ('week', ${block('7 days')}, measured.bin), ('four weeks', ${block('28 days')}, measured.bin),
    ('bin groups', ${block('28 days')}, measured.bin >> 5)
  ) AS block(grain, start, bin)
  GROUP BY tenant, environment_name, measure, grain, start, block.bin ORDER BY start`
