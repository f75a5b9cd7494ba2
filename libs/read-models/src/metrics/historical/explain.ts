import { type Metric, parts } from '#libs/api'
import { eventTypes } from '#libs/contracts'
import { positionsSql, type QueryResult, type Page } from '../../sql/query-result.js'
import { decodeCursor, encodeCursor } from '../../sql/cursor.js'
import { deploymentsAsOf } from '../../deployment/record/versions.js'
import { inferredUndoing, reportedUndoing } from '../../deployment/record/rules.sql.js'
import { isStartKey } from '../../sql/log-order.js'
import { isHistorical, nameAsOf, timesOf, type AsOf } from '../../sql/as-of.js'
import { firstEnvironmentSql } from '../../pipeline/environment.js'
import { hasLabelsSql } from '../../deployment/label/labels.js'
import { statement, type Query } from '#libs/postgres'
import type { MetricValuesRequest } from '../definition/metric-values.js'
import { simplifiedScope } from '../definition/scope.js'
import { millisecondsSql } from '../definition/finish-order.js'
import { contributions, failureKindSql, recoveredAtSql } from '../definition/contributions.js'
import { incidentsOf } from '../../incident/as-of.js'
import { metricRows, rowParameters } from './rows.js'
import { arrivesWith, storedRows } from './stored-rows.js'

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
  const { metric, from, to, rollbacks, asOf, knownAt, limit, cursor } = request
  const { environment, application, label } = simplifiedScope(request)
  const list = { list: 'explain', metric, environment, application, label, from, to, rollbacks, asOf, knownAt }
  const [lastFinishedAt, lastLogOrder, lastRank, lastSha] =
    cursor === undefined ? [] : decodeCursor(cursor, list, isCursorKey)
  const values = { ...rowParameters(request), limit, lastFinishedAt, lastLogOrder, lastRank, lastSha }
  const [row] = await query<{ json: string; last: ExplainCursorKey | null; positions: string }>(
    statement(nameAsOf('contributions', request), pageSql(request), values),
  )
  const { json, last, positions } = row!
  return { body: { json, ...(last && { next: encodeCursor(list, last) }) }, positions }
}

function pageSql(request: ExplainRequest): string {
  const { metric, rollbacks, label, cursor } = request
  const { condition, part = `'counted'`, value = 'NULL::bigint', others } = contributions(rollbacks)[metric]
  const ofCommits = metric === 'leadTimeForChange'
  const source = isHistorical(request) ? recomputed : stored
  const further =
    cursor === undefined
      ? ''
      : `WHERE (-rank, finished_at, log_order, sha)
        < (-$lastRank::int, $lastFinishedAt::timestamptz, $lastLogOrder::bigint, $lastSha::text)`
  return `
    WITH ${source.rows(request)}, contribution AS (
      SELECT m.*, ${part} AS part, ${value} AS value_ms, ${ofCommits ? 'c.sha, c.committed_at' : `''::text AS sha, NULL::timestamptz AS committed_at`}
      FROM metric_row m ${ofCommits ? `CROSS JOIN LATERAL (${source.commits(request)}) c` : ''}
      WHERE ${[condition, ...hasLabelsSql('m', label)].join(' AND ')} AND m.finished_at >= $from::timestamptz AND m.finished_at < $to::timestamptz
    ), page AS MATERIALIZED (
      SELECT ranked.*, row_number() OVER (ORDER BY rank, finished_at DESC, log_order DESC, sha DESC) AS n
      FROM (SELECT contribution.*, array_position('{${parts.join(',')}}', part) AS rank FROM contribution) ranked ${further}
      ORDER BY rank, finished_at DESC, log_order DESC, sha DESC LIMIT $limit::int + 1
    ), reason AS MATERIALIZED (
      SELECT page.n, other.deployment_id, other.ordinality FROM page ${source.others}
      LEFT JOIN LATERAL (
        SELECT r.deployment_id FROM metric_row r
        WHERE ${metric === 'failedDeploymentRecoveryTime'} AND r.application = page.application
          AND r.environment_name = page.environment_name AND r.finished_at = ${recoveredAtSql(rollbacks, 'page')}
          AND r.succeeded AND (r.finished_at, r.log_order) > (page.finished_at, page.log_order)
          AND (${failureKindSql(rollbacks, 'page')} <> 'incident' OR page.incident_open)
        ORDER BY r.log_order LIMIT 1
      ) recovery ON true
      CROSS JOIN LATERAL unnest(page.deployment_id || coalesce(${others ?? `'{}'::uuid[]`}, '{}')) WITH ORDINALITY other(deployment_id)
      WHERE page.n <= $limit
    ), cause AS (
      SELECT reason.n, reason.ordinality, NULL::timestamptz AS started_at, NULL::bigint AS log_order, e.version,
        ${eventJson('e.deployment_id')} AS event
      FROM reason JOIN deployment_event e ON e.tenant = $tenant AND e.deployment_id = reason.deployment_id
      ${eventsAsOf(request)} ${OF_FAILURES.includes(metric) ? `UNION ALL ${incidentEvents(request)}` : ''}
    ), because AS (
      -- The events of the deployment, of its incidents, and of the other deployments.
      SELECT n, string_agg(event, ',' ORDER BY ordinality, started_at NULLS FIRST, log_order, version) AS events FROM cause GROUP BY n
    )
    SELECT '[' || coalesce(string_agg(${entryJson}, ',' ORDER BY page.n) FILTER (WHERE page.n <= $limit), '') || ']' AS json,
      (SELECT json_build_array(instant(finished_at), log_order::text, rank, sha) FROM page
        WHERE n = $limit AND EXISTS (SELECT FROM page WHERE n = $limit + 1)) AS last,
      ${positionsSql('deployments')} AS positions
    FROM page LEFT JOIN because USING (n)`
}

const entryJson = `concat('{"deploymentId":"', page.deployment_id, '","application":', to_json(page.application),
  ',"environment":', to_json(page.environment_name), ',"imageTag":', to_json(page.image_tag), ',"finishedAt":"', instant(page.finished_at),
  '","part":"', page.part, '"', ',"seconds":' || trim_scale(page.value_ms / 1000.0),
  CASE WHEN page.sha <> '' THEN concat(',"commit":{"sha":', to_json(page.sha), ',"committedAt":"', instant(page.committed_at), '"}') END,
  ',"because":[', because.events, ']}')`

const OF_FAILURES: readonly Metric[] = ['changeFailRate', 'failedDeploymentRecoveryTime']

/** SQL: JSON of a reference to an event `e`. @param incidentId SQL, of an event of an incident */
const eventJson = (deploymentId: string, incidentId?: string) => `concat('{"deploymentId":"', ${deploymentId},
        '","${incidentId === undefined ? '' : `incidentId":', to_json(${incidentId}), ',"`}type":"', e.type, '","position":"',
        e.partition, ':', e.seq, '","eventId":"', e.event_id, '"}')`

/** SQL: the visible events of the newest incidents of the deployments of a page that are failures by an incident. */
const incidentEvents = (request: ExplainRequest) => `
      SELECT page.n, 1, i.started_at, i.log_order, e.version, ${eventJson('page.deployment_id', 'e.incident_id')}
      FROM page CROSS JOIN LATERAL (
        SELECT h.* FROM ${deploymentsAsOf(timesOf(request))} h WHERE h.tenant = $tenant AND h.deployment_id = page.deployment_id
      ) h CROSS JOIN LATERAL (${incidentsOf('h', timesOf(request))}) i
      JOIN incident_event e ON e.tenant = i.tenant AND e.incident_id = i.incident_id
      WHERE page.n <= $limit AND ${failureKindSql(request.rollbacks, 'page')} = 'incident'
        AND e.version <= i.version AND (e.version = 1 OR i.resolved_at IS NOT NULL)`

/** For bitemporal queries: computed on demand, with all causes in the rows. */
const recomputed = {
  rows: ({ environment, application, asOf, knownAt }: ExplainRequest): string =>
    `metric_row AS MATERIALIZED (SELECT * FROM ${metricRows({ environment, application, asOf, knownAt })} m)`,
  commits: () => `SELECT * FROM unnest(m.shas, m.committed, m.commit_lead_ms) AS c(sha, committed_at, lead_ms)`,
  others: '',
}

/** For current queries: the stored rows; causes are looked up for those of the page. */
const stored = {
  rows: (request: ExplainRequest): string => `
    metric_row AS NOT MATERIALIZED (SELECT * FROM ${storedRows(request)} m)`,
  commits: (request: ExplainRequest): string => `
    SELECT c.sha, c.committed_at, ${millisecondsSql('c.committed_at', 'm.finished_at')} AS lead_ms FROM deployment_commit c
    WHERE m.commit_lead_ms <> '{}' AND c.tenant = $tenant AND c.deployment_id = m.deployment_id AND c.committed_at IS NOT NULL
      AND ${arrivesWith(request)}`,
  others: `
    CROSS JOIN LATERAL (
      SELECT ARRAY(
        ${reportedUndoing('page', 'n.deployment_id')}
      ) AS named_by, (
        ${inferredUndoing('page', 'n.deployment_id')} LIMIT 1
      ) AS undone_by, (
        SELECT h.deployment_id FROM deployment_history h
        WHERE h.tenant = $tenant AND h.image_tag = page.image_tag AND h.application = page.application AND h.succeeded
          AND h.environment_name = ${firstEnvironmentSql('$tenant')}
        ORDER BY h.finished_at, h.log_order LIMIT 1
      ) AS origin_id
    ) others`,
}

/**
 * SQL: joins and conditions after a join of a deployment's events `e`: those that are visible as of the requested times. They are known
 * with all previous ones, and had happened by then according to the known times, which may have been corrected.
 */
function eventsAsOf({ asOf, knownAt }: AsOf): string {
  // A removal changes no metric.
  const conditions = [`e.type <> '${eventTypes.DeploymentRemoved.ceType}'`]
  let reported = ''
  if (asOf !== undefined) {
    const at = '$asOf::timestamptz'
    const { DeploymentCompleted, DeploymentRolledBack } = eventTypes
    reported = `LEFT JOIN LATERAL (
      SELECT h.completed_at, h.rolled_back_at FROM ${deploymentsAsOf({ knownAt })} h
      WHERE h.tenant = $tenant AND h.deployment_id = e.deployment_id) reported ON true`
    conditions.push(`CASE e.type WHEN '${DeploymentCompleted.ceType}' THEN coalesce(reported.completed_at, e.time) <= ${at}
      WHEN '${DeploymentRolledBack.ceType}' THEN coalesce(reported.rolled_back_at, e.time) <= ${at} ELSE true END`)
  }
  if (knownAt !== undefined) {
    conditions.push(`NOT EXISTS (SELECT FROM deployment_event b WHERE b.tenant = e.tenant AND b.deployment_id = e.deployment_id
      AND b.version <= e.version AND b.recorded_at > $knownAt::timestamptz)`)
  }
  return `${reported} WHERE ${conditions.join(' AND ')}`
}

type ExplainCursorKey = [finishedAt: string, logOrder: string, rank: number, sha: string]

function isCursorKey(cursorKey: unknown[]): cursorKey is ExplainCursorKey {
  const [finishedAt, logOrder, rank, sha] = cursorKey
  const isRank = typeof rank === 'number' && Number.isInteger(rank) && rank > 0 && rank <= parts.length
  return cursorKey.length === 4 && isStartKey([finishedAt, logOrder]) && isRank && typeof sha === 'string'
}
