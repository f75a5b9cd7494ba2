import { incidentsAsOf } from '../../incident/as-of.js'
import { failureKind, isUnplanned, rollbackWindow } from '../../deployment/record/rules.sql.js'
import { deploymentsAsOf } from '../../deployment/record/versions.js'
import { timesOf, type AsOf } from '../../sql/as-of.js'
import { firstEnvironmentSql } from '../../pipeline/environment.js'
import { isApplicationSql } from '../../sql/filter.js'
import type { MetricValuesRequest } from '../definition/metric-values.js'
import { requestedNamesSql, scopeValues, type MetricScope } from '../definition/scope.js'
import { LAST_ORDER, millisecondsSql } from '../definition/finish-order.js'

const window = rollbackWindow(['application', 'environment_name'])
// A failure of another kind counts as that, whatever the incidents.
const MAY_COUNT = `failure_kind IN ('inferred', 'incident')`

/** The values of the parameters of `metricRows`. */
export function rowParameters(request: MetricValuesRequest & AsOf) {
  const { from, to } = request
  return { ...scopeValues(request), from, to, ...timesOf(request) }
}

/** What the SQL of contributions depends on. */
interface RowsVariant extends AsOf, Pick<MetricScope, 'environment' | 'application'> {
  /** Only rows that finished from `$from` on and before `$to`; earlier and later ones still affect them. */
  inWindow?: boolean
}

/**
 * SQL: a relation, for FROM: the contribution of each deployment of the tenant `$tenant` to the metrics of the requested
 * environments (see scope.ts), recomputed from the visible facts. The columns of deployment_metric, and for explanations: `named_by` (the deployment that reports to undo it), `undone_by`
 * (the one that does so by inference), `origin_id` (the tag's first success in the pipeline's first environment), `shas` and `committed`
 * (of `commit_lead_ms`, one by one).
 *
 * Each column needs a pass over the whole slot: many rows cost as much as few.
 */
export function metricRows({ environment, application, inWindow = false, asOf, knownAt }: RowsVariant): string {
  const ofApplication = isApplicationSql('h.application', application)
  const onlyApplication = ofApplication === undefined ? '' : `AND ${ofApplication}`
  const onlyWindow = inWindow ? 'WHERE finished_at >= $from::timestamptz AND finished_at < $to::timestamptz' : ''
  const visible = deploymentsAsOf({ asOf, knownAt })
  // Without the cast, ANY would take the subquery for one of rows.
  const requestedIn = (row: string) => `${row}.environment_name = ANY ((SELECT names FROM requested)::text[])`
  const requested = requestedIn('h')
  const here = (columns: string, condition: string) =>
    `SELECT ${columns} FROM ${visible} h WHERE h.tenant = $tenant AND ${condition} ${onlyApplication}`
  return `(
    WITH requested AS MATERIALIZED (
      SELECT ${requestedNamesSql({ environment })} AS names, ${firstEnvironmentSql('$tenant')} AS origin
    ), slot AS MATERIALIZED (
      ${here(
        `h.application, h.environment_name, h.deployment_id, h.image_tag, h.status, h.succeeded, h.deployed_at, h.completed_at, h.finished_at, h.log_order,
        h.rollback_of, h.unplanned`,
        `${requested} AND h.status <> 'PENDING'`,
      )}
    ), named AS (
      SELECT application, environment_name, rollback_of AS deployment_id, array_agg(deployment_id ORDER BY deployed_at, log_order) AS named_by
      FROM slot WHERE succeeded AND rollback_of <> deployment_id GROUP BY application, environment_name, rollback_of
    ), started AS (
      SELECT slot.*, ${window.n} AS n FROM slot
    ), tagged AS (
      SELECT started.*, ${window.firstOfTag} AS first_of_tag,
        row_number() OVER (PARTITION BY application, succeeded, image_tag ORDER BY finished_at, log_order) = 1 AS arrives
      FROM started
    ), replaced AS (
      SELECT tagged.*, ${window.undoer} AS undone_by
      FROM tagged WINDOW ${window.next}
    ), finished AS (
      SELECT replaced.*, min(finished_at) FILTER (WHERE succeeded) OVER later AS next_success FROM replaced
      WINDOW later AS (PARTITION BY application, environment_name ORDER BY finished_at DESC, log_order DESC
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
    ), incident_summary AS MATERIALIZED (
      SELECT i.deployment_id, min(i.started_at) AS incident_at, bool_or(i.resolved_at IS NULL) AS is_open, max(i.resolved_at) AS resolved_at
      FROM ${incidentsAsOf({ asOf, knownAt }, [
        'i.tenant = $tenant',
        requestedIn('i'),
        ...(application === undefined ? [] : [isApplicationSql('i.application', application)!]),
      ])} i
      WHERE i.deployment_id IS NOT NULL GROUP BY i.deployment_id
    ), point AS (
      SELECT application, environment_name, NULL::uuid AS deployment_id, finished_at, log_order, true AS succeeded FROM slot
      WHERE succeeded AND EXISTS (SELECT FROM incident_summary WHERE is_open)
      UNION ALL
      SELECT application, environment_name, deployment_id, greatest(finished_at, i.incident_at),
        CASE WHEN finished_at > i.incident_at THEN log_order ELSE ${LAST_ORDER} END, false
      FROM incident_summary i JOIN slot USING (deployment_id) WHERE i.is_open
    ), awaited AS (
      -- The deployment itself is not after its incident.
      SELECT *, min(finished_at) FILTER (WHERE succeeded) OVER later AS next_success FROM point
      WINDOW later AS (PARTITION BY application, environment_name ORDER BY finished_at DESC, log_order DESC, succeeded
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
    ), with_incident AS (
      SELECT i.deployment_id, i.incident_at, i.is_open, CASE WHEN i.is_open THEN awaited.next_success ELSE i.resolved_at END AS recovered_at
      FROM incident_summary i LEFT JOIN awaited USING (deployment_id)
    ), origin AS (
      SELECT DISTINCT ON (h.application, h.image_tag) h.application, h.image_tag, h.deployment_id AS origin_id,
        h.finished_at AS at
      FROM (${here(
        'h.application, h.image_tag, h.deployment_id, h.finished_at, h.log_order',
        'h.environment_name = (SELECT origin FROM requested) AND h.succeeded',
      )}) h
      ORDER BY h.application, h.image_tag, h.finished_at, h.log_order
    ), arrival AS (
      SELECT DISTINCT ON (h.application, c.sha) h.deployment_id, c.sha, c.committed_at,
        ${millisecondsSql('c.committed_at', 'h.finished_at')} AS lead_ms
      FROM (${here(
        'h.application, h.deployment_id, h.finished_at, h.log_order, h.git_commit, h.commits',
        `${requested} AND h.succeeded AND (h.commits IS NOT NULL OR h.git_commit IS NOT NULL)`,
      )}) h
      CROSS JOIN LATERAL (
        SELECT (value->>'sha') COLLATE "C" AS sha, (value->>'committedAt')::timestamptz(3) AS committed_at, ordinality AS mention
        FROM json_array_elements(h.commits) WITH ORDINALITY
        UNION ALL SELECT h.git_commit, NULL, NULL WHERE h.git_commit IS NOT NULL
      ) c
      ORDER BY h.application, c.sha, h.finished_at, h.log_order, c.mention NULLS LAST
    ), arrived AS (
      SELECT deployment_id, array_agg(lead_ms ORDER BY sha) AS commit_lead_ms, array_agg(sha ORDER BY sha) AS shas,
        array_agg(committed_at ORDER BY sha) AS committed
      FROM arrival WHERE committed_at IS NOT NULL GROUP BY deployment_id
    ), counted AS MATERIALIZED (
      -- planner: before the window is applied, so that its estimate does not make these joins nested loops.
      SELECT finished.*, named.named_by, incident.incident_at, incident.is_open, incident.recovered_at AS incident_recovered_at,
        ${failureKind(
          'status',
          { reported: 'named_by IS NOT NULL', inferred: 'undone_by IS NOT NULL' },
          'succeeded AND incident.incident_at IS NOT NULL',
        )} AS failure_kind
      FROM finished LEFT JOIN named USING (application, environment_name, deployment_id)
      LEFT JOIN with_incident incident USING (deployment_id)
    )
    SELECT application, environment_name, deployment_id, image_tag, finished_at, log_order,
      succeeded, status = 'CANCELLED' AS cancelled, failure_kind, ${isUnplanned('status', 'unplanned')} AS unplanned,
      CASE WHEN succeeded THEN ${millisecondsSql('deployed_at', 'completed_at')} END AS duration_ms,
      CASE WHEN failure_kind = 'incident' THEN incident_recovered_at WHEN failure_kind IS NOT NULL THEN next_success END AS recovered_at,
      CASE WHEN ${MAY_COUNT} THEN incident_at END AS incident_at, CASE WHEN ${MAY_COUNT} THEN incident_recovered_at END AS incident_recovered_at,
      CASE WHEN ${MAY_COUNT} THEN is_open END AS incident_open,
      CASE WHEN succeeded AND arrives AND origin.at <= finished_at THEN ${millisecondsSql('origin.at', 'finished_at')} END AS promotion_lead_ms,
      coalesce(commit_lead_ms, '{}') AS commit_lead_ms, named_by, undone_by, origin_id, shas, committed
    FROM (SELECT * FROM counted ${onlyWindow}) counted
    LEFT JOIN origin USING (application, image_tag)
    LEFT JOIN arrived USING (deployment_id)
  )`
}
