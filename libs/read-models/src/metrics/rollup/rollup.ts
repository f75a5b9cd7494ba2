import { positionsSql, type QueryResult } from '../../sql/query-result.js'
import { statement, type Query } from '#libs/postgres'
import { bucketsSql, daysSql, type MetricValues, type MetricValuesRequest } from '../definition/metric-values.js'
import { quantilesSql } from './quantiles.js'
import { unattributedSql } from '../definition/unattributed.js'
import { countedSql } from './daily-counters.js'
import { storedRows } from '../historical/stored-rows.js'
import { metricValuesOfRows } from '../historical/values-as-of.js'
import { isOfSeveral, requestedEnvironmentSql, scopeValues, simplifiedScope } from '../definition/scope.js'

/**
 * Current metric values from stored data: of an application from its rows, of all applications from the sums, with rows where the window or
 * a bucket cuts a block. They are exact in any time zone.
 */
export function rollupMetricValues(query: Query, request: MetricValuesRequest): Promise<QueryResult<MetricValues>> {
  const { application, label } = simplifiedScope(request)
  if (application === undefined && label === undefined && !isOfSeveral(request)) return sumMetricValues(query, request)
  const inWindow = 'm.finished_at >= $from::timestamptz AND m.finished_at < $to::timestamptz'
  const isOne = typeof application === 'string' && label === undefined && !isOfSeveral(request)
  const name = isOne ? 'metrics of an application' : 'metrics of several'
  return metricValuesOfRows(query, request, { name, rows: storedRows(request, inWindow) })
}

async function sumMetricValues(query: Query, request: MetricValuesRequest): Promise<QueryResult<MetricValues>> {
  const { from, to, timezone } = request
  const values = { ...scopeValues(request), from, to, timezone }
  const [row] = await query<{ metricValues: MetricValues; positions: string }>(
    statement('metrics of all applications', sumsSql(request), values, { plan: 'once' }),
  )
  return { body: row!.metricValues, positions: row!.positions }
}

function sumsSql({ bucket, rollbacks }: MetricValuesRequest): string {
  const withInferred = rollbacks === 'all'
  const incidents = withInferred ? 'incidents' : 'incidents + inferred_incidents'
  const failures = `failed + reported + ${withInferred ? 'inferred + ' : ''}${incidents}`
  const recovered = withInferred ? 'recovered' : 'recovered - recovered_inferred + recovered_inferred_incidents'
  const measured = (measure: string) => `(SELECT json_build_object(
    'median', max(value) FILTER (WHERE part = 0.5), 'p95', max(value) FILTER (WHERE part = 0.95),
    'n', coalesce(max(n), 0)) FROM quantile WHERE measure = '${measure}')`
  return `
    WITH requested AS MATERIALIZED (
      SELECT ${requestedEnvironmentSql} AS name
    ), bucket AS MATERIALIZED (
      SELECT start, row_number() OVER (ORDER BY start) AS n FROM (${bucketsSql(bucket, '$from', '$to', '$timezone::text')}) bounds
    ), ${countedSql('$from::timestamptz', '$to::timestamptz')}, ${quantilesSql('$from::timestamptz', '$to::timestamptz', withInferred)}
    SELECT json_build_object(
      'environment', (SELECT name FROM requested), 'deployments', deployments, 'cancelled', cancelled, 'successes', successes, 'failed', failed,
      'reported', reported, 'inferred', ${withInferred ? 'inferred' : '0'}, 'incidents', ${incidents},
      'unattributed', ${unattributedSql({})}, 'unplanned', unplanned,
      'recovered', ${recovered}, 'open', ${failures} - (${recovered}),
      'days', ${daysSql('$from', '$to', '$timezone::text')},
      'buckets', (
        SELECT json_agg(json_build_object('start', instant(start), 'count', coalesce(counted.successes, 0)) ORDER BY start)
        FROM bucket LEFT JOIN counted USING (n)),
      'leadTime', ${measured('lead')}, 'recovery', ${measured('recovery')}, 'duration', ${measured('duration')},
      'promotionLead', ${measured('promotion')}
    ) AS "metricValues", ${positionsSql('deployments')} AS positions
    FROM total`
}
