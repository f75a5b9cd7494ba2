import type { GivenLog } from './given-log.js'

/** What the tables of the metrics hold of a tenant, in order; instants and lengths in milliseconds. */
export interface MetricTables {
  metrics: object[]
  tallies: object[]
  histogram: object[]
  values: object[]
}

const ms = (column: string) => `(extract(epoch FROM ${column}) * 1000)::bigint`

export async function metricTables({ readModels }: GivenLog, tenant: string): Promise<MetricTables> {
  const rowsOf = async (columns: string, table: string) => {
    const text = `SELECT coalesce(json_agg(r ORDER BY ${ORDER[table]}), '[]') AS rows
      FROM (SELECT ${columns} FROM ${table} WHERE tenant = $1) r`
    const [row] = await readModels.query<{ rows: object[] }>({ text, values: [tenant] })
    return row!.rows
  }
  return {
    metrics: await rowsOf(
      `deployment_id AS id, application, environment_name AS environment, image_tag AS tag, ${ms('finished_at')} AS finish,
       log_order::text AS "order", succeeded, cancelled, failure_kind AS fault, unplanned, duration_ms AS duration, ${ms('recovered_at')} AS recovered,
       ${ms('incident_at')} AS "incidentAt", ${ms('incident_recovered_at')} AS "incidentRecovered", incident_open AS "incidentOpen",
       promotion_lead_ms AS promotion, commit_lead_ms AS leads`,
      'deployment_metric',
    ),
    tallies: await rowsOf(
      `environment_name AS environment, grain, ${ms('start')} AS start, deployments, successes, failed, reported, inferred,
       unplanned, recovered, recovered_inferred AS "recoveredInferred", cancelled, incidents, inferred_incidents AS "inferredIncidents",
       recovered_inferred_incidents AS "recoveredInferredIncidents"`,
      'deployment_counter',
    ),
    histogram: await rowsOf(
      `environment_name AS environment, measure, grain, ${ms('start')} AS start, bin, count`,
      'deployment_histogram',
    ),
    values: await rowsOf(
      `environment_name AS environment, measure, bin, ${ms('finished_at')} AS at, value, count`,
      'deployment_value',
    ),
  }
}

const ORDER: Record<string, string> = {
  deployment_metric: 'r.id',
  deployment_counter: 'r.environment, r.grain, r.start',
  deployment_histogram: 'r.environment, r.measure, r.grain, r.start, r.bin',
  deployment_value: 'r.environment, r.measure, r.bin, r.at, r.value',
}
