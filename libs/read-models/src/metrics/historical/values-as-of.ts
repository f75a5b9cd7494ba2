import { positionsSql, type QueryResult } from '../../sql/query-result.js'
import { nameAsOf, timesOf, type AsOf } from '../../sql/as-of.js'
import { statement, type Query } from '#libs/postgres'
import { bucketsSql, daysSql, type MetricValues, type MetricValuesRequest } from '../definition/metric-values.js'
import { hasLabelsSql } from '../../deployment/label/labels.js'
import { isOfSeveral, requestedEnvironmentSql, requestedNamesSql } from '../definition/scope.js'
import { failureKindSql, isFailureSql, recoveryMsSql } from '../definition/contributions.js'
import { unattributedSql } from '../definition/unattributed.js'
import { metricRows, rowParameters } from './rows.js'

/** Metric values from the facts visible as of the requested times, computed on demand: a pass over all facts of the environment. */
export function metricValuesAsOf(
  query: Query,
  request: MetricValuesRequest & AsOf,
): Promise<QueryResult<MetricValues>> {
  const { environment, application } = request
  const rows = metricRows({ ...timesOf(request), environment, application, inWindow: true })
  return metricValuesOfRows(query, request, { name: nameAsOf('metrics', request), rows })
}

/**
 * Metric values of rows like those of deployment_metric.
 *
 * @param rows SQL, for FROM: those that finished from `$from` on and before `$to`; by the same parameters as `metricRows`
 */
export async function metricValuesOfRows(
  query: Query,
  request: MetricValuesRequest & AsOf,
  { name, rows }: { name: string; rows: string },
): Promise<QueryResult<MetricValues>> {
  const values = { ...rowParameters(request), timezone: request.timezone }
  const [row] = await query<{ metricValues: MetricValues; positions: string }>(
    statement(name, valuesSql(rows, request), values),
  )
  return { body: row!.metricValues, positions: row!.positions }
}

function valuesSql(rows: string, request: MetricValuesRequest & AsOf): string {
  const { bucket, rollbacks, label } = request
  const kind = failureKindSql(rollbacks)
  const labels = hasLabelsSql('m', label)
  return `
    WITH counted AS MATERIALIZED (SELECT * FROM ${rows} m ${labels.length > 0 ? `WHERE ${labels.join(' AND ')}` : ''}), bucket AS MATERIALIZED (
      ${bucketsSql(bucket, '$from', '$to', '$timezone::text')}
    ), recovery AS (
      SELECT ${recoveryMsSql(rollbacks)} AS ms FROM counted m WHERE ${isFailureSql(rollbacks)}
    )
    SELECT json_build_object(
      ${isOfSeveral(request) ? `'environments', ${requestedNamesSql(request)}` : `'environment', ${requestedEnvironmentSql}`},
      'deployments', count(*) FILTER (WHERE NOT cancelled), 'cancelled', count(*) FILTER (WHERE cancelled), 'successes', count(*) FILTER (WHERE succeeded),
      'failed', count(*) FILTER (WHERE ${kind} = 'failed'), 'reported', count(*) FILTER (WHERE ${kind} = 'reported'),
      'inferred', count(*) FILTER (WHERE ${kind} = 'inferred'), 'incidents', count(*) FILTER (WHERE ${kind} = 'incident'),
      'unattributed', ${unattributedSql(request)},
      'unplanned', count(*) FILTER (WHERE unplanned),
      'recovered', (SELECT count(ms) FROM recovery), 'open', (SELECT count(*) FROM recovery WHERE ms IS NULL),
      'days', ${daysSql('$from', '$to', '$timezone::text')},
      'buckets', (
        SELECT json_agg(json_build_object('start', instant(start), 'count', coalesce(count, 0)) ORDER BY start)
        FROM (SELECT start, row_number() OVER (ORDER BY start) AS n FROM bucket) numbered LEFT JOIN (
          SELECT width_bucket(finished_at, (SELECT array_agg(start ORDER BY start) FROM bucket)) AS n, count(*) AS count
          FROM counted WHERE succeeded GROUP BY 1
        ) successes USING (n)),
      'leadTime', (SELECT ${spreadSql('ms')} FROM counted, unnest(commit_lead_ms) AS ms),
      'recovery', (SELECT ${spreadSql('ms')} FROM recovery),
      'duration', ${spreadSql('duration_ms')},
      'promotionLead', ${spreadSql('promotion_lead_ms')}
    ) AS "metricValues", ${positionsSql('deployments')} AS positions
    FROM counted m`
}

function spreadSql(ms: string): string {
  const percentile = (part: number) => `percentile_cont(${part}) WITHIN GROUP (ORDER BY ${ms})`
  return `json_build_object('median', ${percentile(0.5)}, 'p95', ${percentile(0.95)}, 'n', count(${ms}))`
}
