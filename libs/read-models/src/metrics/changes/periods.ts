import type { Contribution } from './relations.js'
import { positionsSql } from '../../sql/query-result.js'
import { bucketsSql, daysSql } from '../definition/metric-values.js'
import type { Bucket, MetricValuesRequest } from '../definition/metric-values.js'
import type { Metric } from '#libs/api'
import { contributions } from '../definition/contributions.js'
import { ReadLimitExceeded } from '../../sql/read-errors.js'
import { firstEnvironmentSql } from '../../pipeline/environment.js'
import { hasLabelsSql } from '../../deployment/label/labels.js'
import { simplified } from '../../sql/filter.js'
import { requestedNamesSql, scopeValues, type MetricScope } from '../definition/scope.js'
import { storedRows } from '../historical/stored-rows.js'
import { statement, type Query } from '#libs/postgres'

export interface ChangesRequest extends Pick<
  MetricValuesRequest,
  'tenant' | 'environment' | 'application' | 'label' | 'bucket' | 'timezone'
> {
  metric: Metric
  /** RFC 3339: changes recorded after it. */
  since: string
  /** Maximum number of events, 1 to 500. */
  limit: number
  cursor?: string
}

/** A past period; instants also in milliseconds since 1970. */
export interface Period {
  start: string
  end: string
  startMs: number
  endMs: number
  /** When it ended or the requested start, whichever is later: changes are relative to what was known then. */
  knownMs: number
}

export interface ChangesHead {
  /** By the pipeline's names: the requested environments, and the first one of the pipeline. */
  environments: string[]
  origin: string
  periods: Period[]
  positions: string
}

/** 27 years of days. */
const LONGEST = `interval '10000 days'`
/** Maximum number of different contributions: those of lead times all differ. */
const MOST_CONTRIBUTIONS = 500_000

/** The past periods of a query, from the one with the first deployment on. @param from start of the first period instead */
export async function changesHead(query: Query, request: ChangesRequest, from?: string): Promise<ChangesHead> {
  const { tenant, environment, application, since, bucket, timezone } = request
  const values = { ...scopeValues({ tenant, environment, application }), since, timezone, from: from ?? null }
  const [head] = await query<ChangesHead>(statement('periods of changes', headSql(bucket, request), values))
  return head!
}

function headSql(bucket: Bucket, scope: Pick<ChangesRequest, 'environment' | 'application'>): string {
  const application = simplified(scope.application)
  const now = 'statement_timestamp()'
  const ofApplication = Array.isArray(application)
    ? 'AND h.application = wanted_application.name'
    : application === undefined
      ? ''
      : 'AND h.application = $application'
  const slots = `unnest((SELECT names FROM requested)) AS wanted_environment(name)
        ${Array.isArray(application) ? 'CROSS JOIN unnest($applications::text[]) AS wanted_application(name)' : ''}`
  // Includes deployments that have moved to another period since. planner: an index has the first one of each slot.
  const first = (table: string) => `(SELECT min(first.at) FROM ${slots} CROSS JOIN LATERAL (
        SELECT min(h.deployed_at) AS at FROM ${table} h
        WHERE h.tenant = $tenant AND h.environment_name = wanted_environment.name ${ofApplication}
      ) first)`
  const ms = (at: string) => `extract(epoch FROM ${at})::float8 * 1000`
  return `
    WITH requested AS MATERIALIZED (SELECT ${requestedNamesSql(scope)} AS names), span AS MATERIALIZED (
      SELECT greatest(least(${first('deployment_history')}, ${first('deployment_superseded')}), ${now} - ${LONGEST}) AS since_first
    ), period AS MATERIALIZED (
      SELECT start, until FROM span CROSS JOIN LATERAL (${bucketsSql(bucket, 'since_first', now, '$timezone::text')}) bucket
      WHERE until <= ${now} AND start >= coalesce($from::timestamptz, '-infinity')
    )
    SELECT (SELECT names FROM requested) AS environments, ${firstEnvironmentSql('$tenant')} AS origin, ${positionsSql('deployments')} AS positions,
      coalesce((SELECT json_agg(json_build_object('start', instant(start), 'end', instant(until), 'startMs', ${ms('start')},
        'endMs', ${ms('until')}, 'knownMs', ${ms('greatest(until, $since::timestamptz)')}) ORDER BY start) FROM period), '[]') AS periods`
}

/** The index of the period, of consecutive ones, that contains an instant. */
export function periodOf(periods: readonly Period[], at: number): number | undefined {
  let [from, to] = [0, periods.length]
  while (from < to) {
    const middle = (from + to) >>> 1
    if (periods[middle]!.endMs <= at) from = middle + 1
    else to = middle
  }
  return from < periods.length && periods[from]!.startMs <= at ? from : undefined
}

/** The current contributions of a metric in a period. */
export interface PresentContributions {
  contributions: [part: Contribution, count: number][]
  /** Calendar days in the time zone. */
  days: number
}

export async function presentContributions(
  query: Query,
  { metric, timezone, ...scope }: ChangesRequest,
  { start, end }: Period,
): Promise<PresentContributions> {
  const values = { ...scopeValues(scope), start, end, timezone }
  const [row] = await query<PresentContributions>(
    statement('contributions of a period', contributionsSql(metric, scope), values),
  )
  if (row!.contributions.length > MOST_CONTRIBUTIONS) {
    throw new ReadLimitExceeded(
      `The metric from ${start} to ${end} has more than ${MOST_CONTRIBUTIONS} different times`,
    )
  }
  return row!
}

function contributionsSql(metric: Metric, scope: MetricScope): string {
  const inPeriod = 'm.finished_at >= $start::timestamptz AND m.finished_at < $end::timestamptz'
  const { condition, part: contribution = `'counted'`, value = 'NULL::bigint' } = contributions('all')[metric]
  const commits = metric === 'leadTimeForChange' ? 'CROSS JOIN LATERAL unnest(m.commit_lead_ms) AS c(lead_ms)' : ''
  return `
    SELECT ${daysSql('$start', '$end', '$timezone::text')} AS days, coalesce((
      SELECT json_agg(json_build_array(json_build_array(part, value), count)) FROM (
        SELECT ${contribution} AS part, ${value} AS value, count(*) AS count FROM ${storedRows(scope, inPeriod)} m ${commits}
        WHERE ${[condition, ...hasLabelsSql('m', scope.label)].join(' AND ')} GROUP BY 1, 2 LIMIT ${MOST_CONTRIBUTIONS + 1}
      ) counted), '[]') AS contributions`
}
