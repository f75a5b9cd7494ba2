import { isHistorical, type AsOf } from '../../sql/as-of.js'
import { versionColumns } from './version-rows.js'

const names = versionColumns.map(({ name }) => name)

/**
 * SQL: a relation, for FROM: the visible deployments of a bitemporal query, with the columns of deployment_history except
 * `inferred_rollback_of`, which depends on the visible facts, and `reported_finish`, even if it is in the future. `$knownAt`: each by its last
 * version known then. `$asOf`: those that had started, with their state at that time: PENDING before their finish, not rolled back before
 * their rollback, not removed before their removal. With neither: the table itself. `withVoided`: also those that were voided by then, with `voided_at`; without
 * `inferred_rollback_of` only in a bitemporal query.
 *
 * Conditions of a statement on tenant, slot, tag or start, and an order by them, use the indexes, which both tables have alike.
 */
export function deploymentsAsOf(moment: AsOf, { withVoided = false } = {}): string {
  const { asOf, knownAt } = moment
  const started = [
    ...(asOf === undefined ? [] : ['h.deployed_at <= $asOf::timestamptz']),
    // planner: deployments more than a day in the future are refused, so all known ones had started by a day later: an index lookup starts there,
    // rather than at deployments recorded since.
    ...(knownAt === undefined ? [] : [`h.deployed_at <= $knownAt::timestamptz + interval '24 hours'`]),
  ]
  return visibleWhere(moment, started, withVoided)
}

/**
 * SQL: the same for a statement that bounds the start by that of a visible deployment. planner: with an additional bound by the time, it
 * would expect few deployments of the tenant, and read the tenant's index by start for each.
 */
export function startedDeploymentsAsOf(moment: AsOf): string {
  return visibleWhere(moment, [])
}

function visibleWhere({ asOf, knownAt }: AsOf, started: readonly string[], withVoided = false): string {
  if (!isHistorical({ asOf, knownAt })) return withVoided ? EVER : 'deployment_history'
  const at = asOf === undefined ? undefined : '$asOf::timestamptz'
  const known = '$knownAt::timestamptz'
  const conditions = [
    'true',
    ...started,
    ...(knownAt === undefined ? [] : [`h.known_from <= ${known} AND h.known_until > ${known}`]),
  ]
  return `(
    SELECT ${names.map(name => (at === undefined ? `h.${name}` : standing(name, at))).join(', ')},
      h.finished_at AS reported_finish${withVoided ? ', h.voided_at' : ''}
    FROM ${versionsOf(knownAt, withVoided)} h WHERE ${conditions.join(' AND ')})`
}

// planner: the conditions are outside, since the planner flattens a UNION ALL and merges the indexes of its parts only if these have no
// conditions.
const columns = names.join(', ')
const VERSIONS = `(
      SELECT ${columns}, 'infinity'::timestamptz(3) AS known_until FROM deployment_history
      UNION ALL SELECT ${columns}, known_until FROM deployment_superseded)`
const VERSIONS_WITH_VOIDED = `(
      SELECT ${columns}, 'infinity'::timestamptz(3) AS known_until, NULL::timestamptz(3) AS voided_at FROM deployment_history
      UNION ALL SELECT ${columns}, known_until, NULL::timestamptz(3) FROM deployment_superseded
      UNION ALL SELECT ${columns}, 'infinity'::timestamptz(3), voided_at FROM deployment_voided)`
const EVER = `(
      SELECT ${columns}, inferred_rollback_of, NULL::timestamptz(3) AS voided_at FROM deployment_history
      UNION ALL SELECT ${columns}, NULL::uuid, voided_at FROM deployment_voided)`

/** SQL: a relation, for FROM: the deployments of all versions of the log, voided ones too, with `voided_at`. */
export const everRecorded = EVER

function versionsOf(knownAt: string | undefined, withVoided: boolean): string {
  if (knownAt === undefined) return withVoided ? EVER : 'deployment_history'
  return withVoided ? VERSIONS_WITH_VOIDED : VERSIONS
}

const CORRECTED_STATUS = `SELECT c->>'after' FROM json_array_elements(e.data->'corrections') c WHERE c->>'field' = 'status'`

/**
 * SQL: the status of `h` before its rollback mark, if it had not succeeded: by the last of its events with a status. It is not stored,
 * since few such deployments are marked, and fewer are queried historically.
 */
const BEFORE_MARK = `(
  SELECT coalesce(e.data->>'status', (${CORRECTED_STATUS})) FROM deployment_event e
  WHERE e.tenant = h.tenant AND e.deployment_id = h.deployment_id AND e.version <= h.version
    AND (e.data->>'status' IS NOT NULL OR EXISTS (${CORRECTED_STATUS}))
  ORDER BY e.version DESC LIMIT 1)`

/** SQL: a column of `h` as of an instant. */
function standing(name: string, at: string): string {
  const finished = `h.finished_at <= ${at}`
  const markToCome = `h.rolled_back_at > ${at}`
  const markVisible = `${finished} AND NOT coalesce(${markToCome}, false)`
  switch (name) {
    case 'status':
      return `CASE WHEN NOT ${finished} THEN 'PENDING' WHEN NOT coalesce(${markToCome}, false) THEN h.status
        WHEN h.succeeded THEN 'DEPLOYED' ELSE ${BEFORE_MARK} END AS status`
    case 'succeeded':
      return `h.succeeded AND ${finished} AS succeeded`
    case 'completed_at':
    case 'failure_reason':
      return `CASE WHEN ${finished} THEN h.${name} END AS ${name}`
    case 'finished_at':
      return `CASE WHEN ${finished} THEN h.finished_at ELSE h.deployed_at END AS finished_at`
    case 'rolled_back_at':
    case 'rollback_reason':
      return `CASE WHEN ${markVisible} THEN h.${name} END AS ${name}`
    case 'removed_at':
      return `CASE WHEN h.removed_at <= ${at} THEN h.removed_at END AS removed_at`
    default:
      return `h.${name}`
  }
}
