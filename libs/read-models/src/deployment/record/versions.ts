import { isHistorical, type Bind, type AsOf } from '../../sql/as-of.js'
import { versionColumns } from './columns.js'

const names = versionColumns.map(({ name }) => name)

/**
 * SQL: a relation, for FROM: the deployments that a look back sees, with the columns of deployment_history but for `inferred_rollback_of`,
 * which is another one among other facts, and `finish_told`, the finish whether it has come or not. `knownAt`: each as the last version says that was known by then. `asOf`: those that had
 * started, as they stood then: PENDING before their finish, not rolled back before they were. Neither: the table itself.
 *
 * What a statement asks of the tenant, place, tag or start, and an order by them, reaches the indexes, which both tables have alike.
 */
export function deploymentsAsOf(moment: AsOf, bind: Bind): string {
  const { asOf, knownAt } = moment
  const started = [
    ...(asOf === undefined ? [] : [`h.deployed_at <= ${bind(asOf)}::timestamptz`]),
    // What is more than a day in the future is refused when it is recorded, so what was known by then had started by a day later: there an
    // index begins, and not at what was recorded since.
    ...(knownAt === undefined ? [] : [`h.deployed_at <= ${bind(knownAt)}::timestamptz + interval '24 hours'`]),
  ]
  return visibleWhere(moment, started, bind)
}

/**
 * SQL: the same, where the statement bounds the start by that of a deployment that is seen. Bounded by the moment as well, a few
 * deployments of the tenant would seem to be all that had started by then, and the index of the tenant by start would be read for each.
 */
export function startedDeploymentsAsOf(moment: AsOf, bind: Bind): string {
  return visibleWhere(moment, [], bind)
}

function visibleWhere({ asOf, knownAt }: AsOf, started: readonly string[], bind: Bind): string {
  if (!isHistorical({ asOf, knownAt })) return 'deployment_history'
  const at = asOf === undefined ? undefined : `${bind(asOf)}::timestamptz`
  const known = knownAt === undefined ? undefined : `${bind(knownAt)}::timestamptz`
  const conditions = [
    'true',
    ...started,
    ...(known === undefined ? [] : [`h.known_from <= ${known} AND h.known_until > ${known}`]),
  ]
  return `(
    SELECT ${names.map(name => (at === undefined ? `h.${name}` : standing(name, at))).join(', ')},
      h.finished_at AS finish_told
    FROM ${known === undefined ? 'deployment_history' : VERSIONS} h WHERE ${conditions.join(' AND ')})`
}

// The conditions stand outside: the planner opens a UNION ALL, and merges the indexes below, only where its parts have none.
const VERSIONS = `(
      SELECT ${names.join(', ')}, 'infinity'::timestamptz(3) AS known_until FROM deployment_history
      UNION ALL SELECT ${names.join(', ')}, known_until FROM deployment_superseded)`

const CORRECTED_STATUS = `SELECT c->>'after' FROM json_array_elements(e.data->'corrections') c WHERE c->>'field' = 'status'`

/**
 * SQL: what `h`, which was marked and had not succeeded, was before its mark: what the last of its events says that gives it a status. No
 * column has it, as few are marked that had not, and fewer are looked back at.
 */
const BEFORE_MARK = `(
  SELECT coalesce(e.data->>'status', (${CORRECTED_STATUS})) FROM deployment_event e
  WHERE e.tenant = h.tenant AND e.deployment_id = h.deployment_id AND e.version <= h.version
    AND (e.data->>'status' IS NOT NULL OR EXISTS (${CORRECTED_STATUS}))
  ORDER BY e.version DESC LIMIT 1)`

/** SQL: a column of `h` as it stood at an instant. */
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
    default:
      return `h.${name}`
  }
}
