import { incidentsOfDeployment } from '../../incident/summary.sql.js'
import { columnsOf, withId } from '../../deployment/record/index-lookups.js'
import { failureKind, inferredUndoing, isUnplanned, reportedUndoing } from '../../deployment/record/rules.sql.js'
import {
  afterIncident,
  firstOfTag,
  firstToBring,
  millisecondsSql,
  nextSuccessAfter,
} from '../definition/finish-order.js'

const key = ['tenant', 'application', 'environment_name', 'finished_at', 'log_order']
const values = [
  'deployment_id',
  'image_tag',
  'succeeded',
  'cancelled',
  'failure_kind',
  'unplanned',
  'duration_ms',
  'recovered_at',
  'incident_at',
  'incident_recovered_at',
  'incident_open',
  'promotion_lead_ms',
  'commit_lead_ms',
]
const columns = [...key, ...values]

/** The columns of deployment_metric. */
export const metricColumns: readonly string[] = columns

// The earliest success by (finish, log) that names a commit brings it to a slot, even if it does not report the commit's time. planner:
// OFFSET 0 evaluates it once, rather than at each reference.
const COMMIT_LEADS = `
  SELECT array_agg(${millisecondsSql('c.committed_at', 'h.finished_at')} ORDER BY c.sha) AS leads
  FROM (
    SELECT c.* FROM deployment_commit c
    WHERE (c.tenant, c.deployment_id) >= (h.tenant, h.deployment_id) AND (c.tenant, c.deployment_id) <= (h.tenant, h.deployment_id)
      AND h.succeeded AND h.commits IS NOT NULL
    ORDER BY c.tenant, c.deployment_id OFFSET 0
  ) c
  WHERE c.committed_at IS NOT NULL AND c.log_order = (
    SELECT first.log_order FROM deployment_commit first WHERE ${firstToBring('first', 'c')}
  )`

// planner: OFFSET 0 evaluates it once, rather than at each reference.
const FAILURE_KIND = `
  SELECT ${failureKind(
    'h.status',
    { reported: `EXISTS (${reportedUndoing('h')})`, inferred: `EXISTS (${inferredUndoing('h')})` },
    'incident.started_at IS NOT NULL',
  )} AS kind
  OFFSET 0`

/**
 * SQL: CTEs that recompute the contributions of the deployments in `candidate`, and write the differences. They end in `delta`: the rows
 * that appeared with `sign` 1, those that disappeared, including `removed`, with -1.
 */
export const WRITE_ROWS = `
  evaluated AS (
    SELECT h.tenant, h.application, h.environment_name, h.finished_at, h.log_order, h.deployment_id, h.image_tag, h.succeeded,
      h.status = 'CANCELLED' AS cancelled, failure.kind AS failure_kind, ${isUnplanned('h.status', 'h.unplanned')} AS unplanned,
      CASE WHEN h.succeeded THEN ${millisecondsSql('h.deployed_at', 'h.completed_at')} END AS duration_ms,
      CASE WHEN failure.kind = 'incident' THEN since_incident.recovered_at ELSE recovery.finished_at END AS recovered_at,
      since_incident.at AS incident_at, since_incident.recovered_at AS incident_recovered_at,
      since_incident.is_open AS incident_open,
      CASE WHEN first_here.log_order = h.log_order
        THEN ${millisecondsSql('coalesce(first_there.finished_at, h.finished_at)', 'h.finished_at')} END AS promotion_lead_ms,
      coalesce(commits.leads, '{}') AS commit_lead_ms
    FROM candidate CROSS JOIN LATERAL (
      SELECT h.* FROM deployment_history h WHERE ${withId('h', 'candidate')}
    ) h
    LEFT JOIN LATERAL (${incidentsOfDeployment('h')}) incident ON h.succeeded
    CROSS JOIN LATERAL (${FAILURE_KIND}) failure
    LEFT JOIN LATERAL (
      SELECT incident.started_at AS at, incident.is_open, CASE WHEN incident.is_open THEN (
        SELECT next.finished_at FROM (${afterIncident('h', 'incident.started_at')}) waiting CROSS JOIN LATERAL (
          SELECT next.finished_at FROM deployment_history next WHERE ${nextSuccessAfter('next', 'waiting')}
        ) next
      ) ELSE incident.resolved_at END AS recovered_at
      WHERE incident.started_at IS NOT NULL AND failure.kind IN ('inferred', 'incident') OFFSET 0
    ) since_incident ON true
    LEFT JOIN LATERAL (
      SELECT next.finished_at FROM deployment_history next
      WHERE failure.kind <> 'incident' AND ${nextSuccessAfter('next', 'h')}
    ) recovery ON true
    LEFT JOIN LATERAL (
      SELECT f.finished_at FROM deployment_history f
      WHERE h.succeeded AND h.environment_name <> candidate.first_environment
        AND ${firstOfTag('f', 'h', 'candidate.first_environment')}
    ) first_there ON true
    LEFT JOIN LATERAL (
      SELECT f.log_order FROM deployment_history f
      WHERE h.succeeded AND (h.environment_name = candidate.first_environment OR first_there.finished_at <= h.finished_at)
        AND ${firstOfTag('f', 'h', 'h.environment_name')}
    ) first_here ON true
    LEFT JOIN LATERAL (${COMMIT_LEADS}) commits ON true
    WHERE h.status <> 'PENDING'
  ), written AS (
    INSERT INTO deployment_metric AS m (${columns.join(', ')})
    SELECT ${columns.join(', ')} FROM evaluated
    ON CONFLICT (${key.join(', ')}) DO UPDATE SET ${values.map(name => `${name} = excluded.${name}`).join(', ')}
    WHERE (${columnsOf('m', values)}) IS DISTINCT FROM (${columnsOf('excluded', values)})
    RETURNING old.log_order IS NOT NULL AS replaced,
      ${columns.map(name => `old.${name} AS old_${name}, new.${name}`).join(', ')}
  ), delta AS MATERIALIZED (
    SELECT 1 AS sign, ${columns.join(', ')} FROM written
    UNION ALL SELECT -1, ${columns.map(name => `old_${name}`).join(', ')} FROM written WHERE replaced
    UNION ALL SELECT -1, ${columns.join(', ')} FROM removed
  )`
