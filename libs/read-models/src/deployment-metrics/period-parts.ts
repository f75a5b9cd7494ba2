import { positionsSql } from '../answer.js'
import type { Bind } from '../moment.js'
import { environmentParameter } from '../promotion-rules/environment.js'
import type { Query } from '../query.js'
import { askedEnvironmentSql, bucketsSql, daysSql, type FiguresRequest } from './figures.js'
import type { Metric } from './metrics.js'
import type { Part } from './part-figures.js'
import { explanations, isFaultSql } from './parts.js'
import { metricRows } from './rows.js'

export interface ChangesRequest extends Pick<
  FiguresRequest,
  'tenant' | 'environment' | 'application' | 'bucket' | 'timezone'
> {
  metric: Metric
  /** RFC 3339: what was recorded after it. */
  since: string
  /** Periods at most, 1 to 500. */
  limit: number
  cursor?: string
}

/** A past period in which parts of some application are others than they were known to be. */
export interface ChangedPeriod {
  start: string
  end: string
  /** When it was past, or what is asked since, whichever is later: what was known then is what has changed. Milliseconds since 1970. */
  knownMs: number
  days: number
  /** By application: what its parts were known to be, and what they are now known to be. */
  applications: { application: string; before: Part[]; now: Part[] }[]
}

export interface ChangedPeriods {
  periods: ChangedPeriod[]
  /** Start of the last period that was looked at, where there are more. */
  more?: string
  positions: string
}

/** Periods that ended after what is asked since are each looked at from their own end: so many at once. */
const LATER_PERIODS = 12
/** 27 years of days. */
const LONGEST = `interval '10000 days'`

/** SQL: parts of a metric, of rows `m` of a relation: what `more` selects, `part` and `value`. */
export function partsSql(metric: ChangesRequest['metric'], more: string, rows: string): string {
  const { condition = 'true', part = `'counted'`, value = 'NULL::bigint' } = explanations(isFaultSql('all'))[metric]
  const commits = metric === 'leadTimeForChange' ? 'CROSS JOIN LATERAL unnest(m.commit_lead_ms) AS c(lead_ms)' : ''
  return `SELECT ${more}, ${part} AS part, ${value} AS value FROM ${rows} ${commits} WHERE ${condition}`
}

/** The next past periods of a list whose parts have changed since they were past; the earliest first. @param after a start */
export async function changedPeriods(query: Query, request: ChangesRequest, after?: string): Promise<ChangedPeriods> {
  const { tenant, metric, environment, application, since, bucket, timezone, limit } = request
  const values: unknown[] = [tenant, limit, since, timezone, after ?? null, environmentParameter(environment)]
  const bind: Bind = value => `$${values.push(value)}`
  const narrow = application === undefined ? '' : `AND application = ${bind(application)}`
  const now = 'statement_timestamp()'
  const place = `tenant = $1 AND environment_name = (SELECT name FROM asked_environment) ${narrow}`
  const periodOf = `width_bucket(m.finished_at, (SELECT array_agg(start ORDER BY start) FROM period))`
  const then = metricRows({ environment, worlds: 'asked_world' }, bind)
  // Also of what has moved since: it has left the period that it was in.
  const first = (table: string) => `(SELECT min(deployed_at) FROM ${table} WHERE ${place})`
  const partsOf = (side: string) =>
    `coalesce(json_agg(json_build_array(part, value) ORDER BY part, value) FILTER (WHERE ${side}), '[]')`
  const text = `
    WITH asked_environment AS MATERIALIZED (SELECT ${askedEnvironmentSql('$1', '$6::text')} AS name), span AS MATERIALIZED (
      SELECT greatest(least(${first('deployment_history')}, ${first('deployment_superseded')}), ${now} - ${LONGEST}) AS since_first
    ), period AS MATERIALIZED (
      SELECT row_number() OVER (ORDER BY start) AS n, start, until, greatest(until, $3::timestamptz) AS known_at,
        until <= ${now} AND start > coalesce($5::timestamptz, '-infinity') AS listed
      FROM span CROSS JOIN LATERAL (${bucketsSql(bucket, 'since_first', now, '$4::text')}) bucket
    ), later AS MATERIALIZED (
      SELECT n, start, known_at, row_number() OVER (ORDER BY start) AS i FROM period WHERE listed AND until > $3::timestamptz
    ), looked_at AS MATERIALIZED (
      SELECT period.* FROM period LEFT JOIN later USING (n) WHERE listed AND (later.i IS NULL OR later.i <= ${LATER_PERIODS})
    ), asked_world AS MATERIALIZED (
      SELECT row_number() OVER () AS n, application, known_at
      FROM (SELECT DISTINCT application FROM deployment_history WHERE ${place}) known
      CROSS JOIN (SELECT DISTINCT known_at FROM looked_at) looking
    ), part AS MATERIALIZED (
      ${partsSql(
        metric,
        'looked_at.n AS period, m.application, true AS was',
        `${then} m JOIN asked_world ON asked_world.n = m.world
          JOIN looked_at ON looked_at.n = ${periodOf} AND looked_at.known_at = asked_world.known_at`,
      )}
      UNION ALL ${partsSql(
        metric,
        'looked_at.n, m.application, false',
        `(SELECT * FROM deployment_metric WHERE ${place}) m JOIN looked_at ON looked_at.n = ${periodOf}`,
      )}
    ), sides AS MATERIALIZED (
      SELECT period, application, ${partsOf('was')} AS before, ${partsOf('NOT was')} AS now FROM part GROUP BY period, application
    ), page AS MATERIALIZED (
      SELECT period, row_number() OVER (ORDER BY period) AS i FROM sides GROUP BY period
      HAVING bool_or(before::text <> now::text) ORDER BY period LIMIT $2::int + 1
    )
    SELECT coalesce((
        SELECT json_agg(json_build_object('start', instant(start), 'end', instant(until), 'knownMs', extract(epoch FROM known_at) * 1000,
          'days', ${daysSql('start', 'until', '$4::text')}, 'applications', (
            SELECT json_agg(json_build_object('application', application, 'before', before, 'now', now)) FROM sides WHERE sides.period = page.period
          )) ORDER BY page.i)
        FROM page JOIN period ON period.n = page.period WHERE page.i <= $2), '[]') AS periods,
      CASE WHEN EXISTS (SELECT FROM page WHERE i > $2)
        THEN (SELECT instant(start) FROM page JOIN period ON period.n = page.period WHERE i = $2)
        WHEN EXISTS (SELECT FROM later WHERE i > ${LATER_PERIODS}) THEN (SELECT instant(start) FROM later WHERE i = ${LATER_PERIODS}) END AS more,
      ${positionsSql('deployments')} AS positions`
  const [row] = await query<{ periods: ChangedPeriod[]; more: string | null; positions: string }>({ text, values })
  const { periods, more, positions } = row!
  return { periods, ...(more !== null && { more }), positions }
}
