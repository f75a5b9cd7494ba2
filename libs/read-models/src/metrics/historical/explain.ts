import { eventTypes } from '#libs/contracts'
import { positionsSql, type QueryResult, type Page } from '../../sql/query-result.js'
import { decodeCursor, encodeCursor } from '../../sql/cursor.js'
import { deploymentsAsOf } from '../../deployment/record/versions.js'
import { inferredUndoing, reportedUndoing } from '../../deployment/record/undoing.js'
import { isStartKey } from '../../sql/log-order.js'
import { kindOf, isHistorical, type Bind, type AsOf } from '../../sql/as-of.js'
import { environmentParameter, firstEnvironmentSql } from '../../pipeline/environment.js'
import type { Query } from '#libs/postgres'
import { requestedEnvironmentSql, type MetricValuesRequest } from '../definition/metric-values.js'
import { firstToBring, millisecondsSql } from '../definition/finish-order.js'
import type { Metric } from '../definition/metrics.js'
import { contributions, isFailureSql, parts } from '../definition/contributions.js'
import { metricRows } from './rows.js'

export interface ExplainRequest extends MetricValuesRequest, AsOf {
  metric: Metric
  /** Maximum number of entries, 1 to 500. */
  limit: number
  cursor?: string
}

/**
 * The deployments behind a metric: its failures (or other causes) first, then those that are only counted; each newest first by (finish,
 * log). One entry per commit for `leadTimeForChange`, else one per deployment. Throws InvalidCursor.
 */
export async function explainPage(query: Query, request: ExplainRequest): Promise<QueryResult<Page>> {
  const { tenant, metric, environment, application, from, to, rollbacks, asOf, knownAt, limit, cursor } = request
  const values: unknown[] = [tenant, limit, from, to]
  const bind = (value: unknown) => `$${values.push(value)}`
  const list = { list: 'explain', metric, environment, application, from, to, rollbacks, asOf, knownAt }
  const {
    condition = 'true',
    part = `'counted'`,
    value = 'NULL::bigint',
    others,
  } = contributions(isFailureSql(rollbacks))[metric]
  const ofCommits = metric === 'leadTimeForChange'
  const source = isHistorical(request) ? visible : kept
  const further = cursor === undefined ? '' : `WHERE ${beyond(decodeCursor(cursor, list, isCursorKey), bind)}`
  const text = `
    WITH ${source.rows(request, bind)}, behind AS (
      SELECT m.*, ${part} AS part, ${value} AS value_ms, ${ofCommits ? 'c.sha, c.committed_at' : `''::text AS sha, NULL::timestamptz AS committed_at`}
      FROM metric_row m ${ofCommits ? `CROSS JOIN LATERAL (${source.commits}) c` : ''}
      WHERE m.finished_at >= $3::timestamptz AND m.finished_at < $4::timestamptz AND ${condition}
    ), page AS MATERIALIZED (
      SELECT ranked.*, row_number() OVER (ORDER BY rank, finished_at DESC, log_order DESC, sha DESC) AS n
      FROM (SELECT behind.*, array_position('{${parts.join(',')}}', part) AS rank FROM behind) ranked ${further}
      ORDER BY rank, finished_at DESC, log_order DESC, sha DESC LIMIT $2::int + 1
    ), reason AS MATERIALIZED (
      SELECT page.n, other.deployment_id, other.ordinality FROM page ${source.others}
      LEFT JOIN LATERAL (
        SELECT r.deployment_id FROM metric_row r
        WHERE ${metric === 'failedDeploymentRecoveryTime'} AND r.application = page.application AND r.finished_at = page.recovered_at
          AND r.succeeded AND (r.finished_at, r.log_order) > (page.finished_at, page.log_order)
        ORDER BY r.log_order LIMIT 1
      ) recovery ON true
      CROSS JOIN LATERAL unnest(page.deployment_id || coalesce(${others ?? `'{}'::uuid[]`}, '{}')) WITH ORDINALITY other(deployment_id)
      WHERE page.n <= $2
    ), because AS (
      SELECT reason.n, string_agg(concat('{"deploymentId":"', e.deployment_id, '","type":"', e.type, '","position":"', e.partition, ':',
        e.seq, '","eventId":"', e.event_id, '"}'), ',' ORDER BY reason.ordinality, e.version) AS events
      FROM reason JOIN deployment_event e ON e.tenant = $1 AND e.deployment_id = reason.deployment_id
      ${eventsAsOf({ asOf, knownAt }, bind)} GROUP BY reason.n
    )
    SELECT '[' || coalesce(string_agg(${entryJson}, ',' ORDER BY page.n) FILTER (WHERE page.n <= $2), '') || ']' AS json,
      (SELECT json_build_array(instant(finished_at), log_order::text, rank, sha) FROM page
        WHERE n = $2 AND EXISTS (SELECT FROM page WHERE n = $2 + 1)) AS last,
      ${positionsSql('deployments')} AS positions
    FROM page LEFT JOIN because USING (n)`
  const [row] = await query<{ json: string; last: ExplainCursorKey | null; positions: string }>({
    name: `explain ${metric} ${kindOf(request)}`,
    text,
    values,
  })
  const { json, last, positions } = row!
  return { body: { json, ...(last && { next: encodeCursor(list, last) }) }, positions }
}

const entryJson = `concat('{"deploymentId":"', page.deployment_id, '","application":', to_json(page.application),
  ',"environment":', to_json(page.environment_name), ',"imageTag":', to_json(page.image_tag), ',"finishedAt":"', instant(page.finished_at),
  '","part":"', page.part, '"', ',"seconds":' || trim_scale(page.value_ms / 1000.0),
  CASE WHEN page.sha <> '' THEN concat(',"commit":{"sha":', to_json(page.sha), ',"committedAt":"', instant(page.committed_at), '"}') END,
  ',"because":[', because.events, ']}')`

/** For bitemporal queries: computed on demand, with all causes in the rows. */
const visible = {
  rows: ({ environment, application, asOf, knownAt }: ExplainRequest, bind: Bind): string =>
    `metric_row AS MATERIALIZED (SELECT * FROM ${metricRows({ environment, application, asOf, knownAt }, bind)} seen)`,
  commits: `SELECT * FROM unnest(m.shas, m.committed, m.commit_lead_ms) AS c(sha, committed_at, lead_ms)`,
  others: '',
}

/** For current queries: the stored rows; causes are looked up for those of the page. */
const kept = {
  rows: ({ environment, application }: ExplainRequest, bind: Bind): string => `
    metric_row AS NOT MATERIALIZED (
      SELECT * FROM deployment_metric WHERE tenant = $1
        AND environment_name = ${requestedEnvironmentSql('$1', bind(environmentParameter(environment)))}
        ${application === undefined ? '' : `AND application = ${bind(application)}`}
    )`,
  commits: `
    SELECT c.sha, c.committed_at, ${millisecondsSql('c.committed_at', 'm.finished_at')} AS lead_ms FROM deployment_commit c
    WHERE m.commit_lead_ms <> '{}' AND c.tenant = $1 AND c.deployment_id = m.deployment_id AND c.committed_at IS NOT NULL
      AND c.log_order = (SELECT first.log_order FROM deployment_commit first WHERE ${firstToBring('first', 'c')})`,
  others: `
    CROSS JOIN LATERAL (
      SELECT ARRAY(
        ${reportedUndoing('page', 'n.deployment_id')}
      ) AS named_by, (
        ${inferredUndoing('page', 'n.deployment_id')} LIMIT 1
      ) AS undone_by, (
        SELECT h.deployment_id FROM deployment_history h
        WHERE h.tenant = $1 AND h.image_tag = page.image_tag AND h.application = page.application AND h.succeeded
          AND h.environment_name = ${firstEnvironmentSql('$1')}
        ORDER BY h.finished_at, h.log_order LIMIT 1
      ) AS origin_id
    ) others`,
}

/**
 * SQL: joins and conditions after a join of a deployment's events `e`: those that are visible as of the requested times. They are known
 * with all previous ones, and had happened by then according to the known times, which may have been corrected.
 */
function eventsAsOf({ asOf, knownAt }: AsOf, bind: Bind): string {
  const conditions: string[] = []
  let told = ''
  if (asOf !== undefined) {
    const at = `${bind(asOf)}::timestamptz`
    const { DeploymentCompleted, DeploymentRolledBack } = eventTypes
    told = `LEFT JOIN LATERAL (
      SELECT h.completed_at, h.rolled_back_at FROM ${deploymentsAsOf({ knownAt }, bind)} h
      WHERE h.tenant = $1 AND h.deployment_id = e.deployment_id) told ON true`
    conditions.push(`CASE e.type WHEN '${DeploymentCompleted.ceType}' THEN coalesce(told.completed_at, e.time) <= ${at}
      WHEN '${DeploymentRolledBack.ceType}' THEN coalesce(told.rolled_back_at, e.time) <= ${at} ELSE true END`)
  }
  if (knownAt !== undefined) {
    conditions.push(`NOT EXISTS (SELECT FROM deployment_event b WHERE b.tenant = e.tenant AND b.deployment_id = e.deployment_id
      AND b.version <= e.version AND b.recorded_at > ${bind(knownAt)}::timestamptz)`)
  }
  return `${told} ${conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : ''}`
}

type ExplainCursorKey = [finishedAt: string, logOrder: string, rank: number, sha: string]

function beyond([finishedAt, logOrder, rank, sha]: ExplainCursorKey, bind: Bind): string {
  const cursorKey = `(${-rank}, ${bind(finishedAt)}::timestamptz, ${bind(logOrder)}::bigint, ${bind(sha)}::text)`
  return `(-rank, finished_at, log_order, sha) < ${cursorKey}`
}

function isCursorKey(cursorKey: unknown[]): cursorKey is ExplainCursorKey {
  const [finishedAt, logOrder, rank, sha] = cursorKey
  const isRank = typeof rank === 'number' && Number.isInteger(rank) && rank > 0 && rank <= parts.length
  return cursorKey.length === 4 && isStartKey([finishedAt, logOrder]) && isRank && typeof sha === 'string'
}
