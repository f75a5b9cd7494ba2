import { positionsSql, type QueryResult } from '../../sql/query-result.js'
import { environmentParameter } from '../../pipeline/environment.js'
import type { Query } from '#libs/postgres'
import {
  requestedEnvironmentSql,
  bucketsSql,
  daysSql,
  type MetricValues,
  type MetricValuesRequest,
} from '../definition/metric-values.js'
import { quantilesSql } from './quantiles.js'
import { countedSql } from './daily-counters.js'
import { metricValuesOfRows } from '../historical/values-as-of.js'

/**
 * Current metric values from stored data: of an application from its rows, of all applications from the sums, with rows where the window or
 * a bucket cuts a block. They are exact in any time zone.
 */
export function rollupMetricValues(query: Query, request: MetricValuesRequest): Promise<QueryResult<MetricValues>> {
  return request.application === undefined
    ? sumMetricValues(query, request)
    : storedMetricValues(query, request, request.application)
}

function storedMetricValues(
  query: Query,
  request: MetricValuesRequest,
  application: string,
): Promise<QueryResult<MetricValues>> {
  return metricValuesOfRows(query, request, bind => {
    const environment = requestedEnvironmentSql('$1', bind(environmentParameter(request.environment)))
    return `(SELECT * FROM deployment_metric WHERE tenant = $1 AND application = ${bind(application)}
      AND environment_name = ${environment} AND finished_at >= $2::timestamptz AND finished_at < $3::timestamptz)`
  })
}

async function sumMetricValues(query: Query, request: MetricValuesRequest): Promise<QueryResult<MetricValues>> {
  const { tenant, environment, from, to, bucket, timezone, rollbacks } = request
  const withInferred = rollbacks === 'all'
  const faults = `failed + reported ${withInferred ? '+ inferred' : ''}`
  const recovered = withInferred ? 'recovered' : 'recovered - recovered_inferred'
  const measured = (measure: string) => `(SELECT json_build_object(
    'median', max(value) FILTER (WHERE part = 0.5), 'p95', max(value) FILTER (WHERE part = 0.95),
    'n', coalesce(max(n), 0)) FROM quantile WHERE measure = '${measure}')`
  const text = `
    WITH asked AS MATERIALIZED (
      SELECT ${requestedEnvironmentSql('$1', '$5::text')} AS name
    ), bucket AS MATERIALIZED (
      SELECT start, row_number() OVER (ORDER BY start) AS n FROM (${bucketsSql(bucket, '$2', '$3', '$4::text')}) bounds
    ), ${countedSql('$2::timestamptz', '$3::timestamptz')}, ${quantilesSql('$2::timestamptz', '$3::timestamptz', withInferred)}
    SELECT json_build_object(
      'environment', (SELECT name FROM asked), 'deployments', deployments, 'successes', successes, 'failed', failed,
      'reported', reported, 'inferred', ${withInferred ? 'inferred' : '0'}, 'unplanned', unplanned,
      'recovered', ${recovered}, 'open', ${faults} - (${recovered}),
      'days', ${daysSql('$2', '$3', '$4::text')},
      'buckets', (
        SELECT json_agg(json_build_object('start', instant(start), 'count', coalesce(counted.successes, 0)) ORDER BY start)
        FROM bucket LEFT JOIN counted USING (n)),
      'leadTime', ${measured('lead')}, 'recovery', ${measured('recovery')}, 'duration', ${measured('duration')},
      'promotionLead', ${measured('promotion')}
    ) AS "metricValues", ${positionsSql('deployments')} AS positions
    FROM total`
  const values = [tenant, from, to, timezone, environmentParameter(environment)]
  const name = `rollup ${bucket} ${rollbacks}`
  const [row] = await query<{ metricValues: MetricValues; positions: string }>({ name, plan: 'once', text, values })
  return { body: row!.metricValues, positions: row!.positions }
}
