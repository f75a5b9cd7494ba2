import { columnsOf, orderedBy, sameSlot, slotColumns, withinKey } from '../deployment/record/index-lookups.js'
import { deploymentsAsOf } from '../deployment/record/versions.js'
import { isHistorical, type AsOf } from '../sql/as-of.js'
import { isWhereNamed } from './attribution.js'

const slot = ['application', 'environment', 'environment_name']
const facts = ['tenant', 'incident_id', 'started_at', 'title', 'url', 'recorded_at', 'partition', 'log_order']

/**
 * SQL: a relation, for FROM: the visible incidents of a bitemporal query, with the columns of the table: `$knownAt`: those that were recorded
 * by then, open if their resolution was not; `$asOf`: those that had started, open if they were resolved later. Each belongs to the deployment
 * that follows from the deployments visible then.
 *
 * @param conditions SQL on the row `i` of the table
 */
export function incidentsAsOf(moment: AsOf, conditions: readonly string[]): string {
  const where = [...conditions, ...visibleAsOf(moment), notOfVoided(moment)].join(' AND ')
  if (!isHistorical(moment)) return `(SELECT i.* FROM incident i WHERE ${where})`
  const { asOf, knownAt } = moment
  if (knownAt === undefined) {
    // What was active at a start does not depend on what happened later; a named deployment may have started later, and has its application
    // and environment before that: whether the event states them depends on which of both was recorded first.
    return `(
    SELECT ${columnsOf('i', facts)}, ${stateAsOf(moment)}, ${columnsOf('i', slot)}, (
      SELECT h.deployment_id FROM (
        -- planner: OFFSET 0 keeps the time out of the choice of the index.
        SELECT h.* FROM deployment_history h WHERE h.tenant = i.tenant AND h.deployment_id = i.deployment_id OFFSET 0
      ) h WHERE h.deployed_at <= $asOf::timestamptz
    ) AS deployment_id
    FROM incident i WHERE ${where})`
  }
  const hasStarted = asOf === undefined ? 'true' : 'owner.deployed_at <= $asOf::timestamptz'
  return `(
    SELECT ${columnsOf('i', facts)}, ${stateAsOf(moment)}, CASE WHEN ${hasStarted} THEN owner.deployment_id END AS deployment_id,
      coalesce(i.named_application, owner.application) AS application,
      coalesce(i.named_environment, owner.environment) AS environment,
      CASE WHEN i.named_environment IS NULL THEN owner.environment_name ELSE i.environment_name END AS environment_name
    FROM incident i LEFT JOIN LATERAL (${ownerAsKnown(moment)}) owner ON true
    WHERE ${where})`
}

/** SQL: a condition on an incident `i`: it names no deployment that was voided by then. */
const notOfVoided = ({ knownAt }: AsOf) => `(i.named_deployment_id IS NULL OR NOT EXISTS (
      SELECT FROM deployment_voided v WHERE v.tenant = i.tenant AND v.deployment_id = i.named_deployment_id AND ${isWhereNamed('i', 'v')}
        ${knownAt === undefined ? '' : 'AND v.known_from <= $knownAt::timestamptz'}))`

/** Maximum number of incidents that a record has: the newest ones. */
const MOST_INCIDENTS = 20

/**
 * SQL: a relation, for LATERAL: the newest visible incidents of a deployment `h`, newest first.
 * @param h a row of the visible deployments
 */
export function incidentsOf(h: string, moment: AsOf): string {
  const state = isHistorical(moment) ? stateAsOf(moment) : columnsOf('i', ['resolved_at', 'last_seq', 'version'])
  const conditions = visibleAsOf(moment).map(condition => `AND ${condition}`)
  const select = `SELECT ${columnsOf('i', facts)}, ${state} FROM incident i`
  if (moment.knownAt === undefined) {
    // planner: the time is a bound of the same index, rather than a condition that another one serves.
    const until = moment.asOf === undefined ? `'infinity'` : '$asOf::timestamptz'
    return `${select}
      WHERE (i.deployment_id, i.tenant) >= (${h}.deployment_id, ${h}.tenant)
        AND (i.deployment_id, i.tenant, i.started_at) <= (${h}.deployment_id, ${h}.tenant, ${until}) AND i.deployment_id IS NOT NULL
      ORDER BY ${newest('deployment_id')} LIMIT ${MOST_INCIDENTS}`
  }
  return `
    SELECT * FROM (
      SELECT * FROM (
        ${select} WHERE ${belongsTo('i', h, 'named_deployment_id')} AND ${isWhereNamed('i', h)} ${conditions.join(' ')}
        ORDER BY ${newest('named_deployment_id')} LIMIT ${MOST_INCIDENTS}
      ) named
      UNION ALL SELECT * FROM (
        ${select}
        WHERE (${columnsOf('i', startInSlot)}) >= (${columnsOf(h, [...slotColumns, 'finished_at'])})
          AND (${columnsOf('i', startInSlot)}) < (${columnsOf(h, slotColumns)}, ${replacedAt(h, moment)})
          AND i.named_deployment_id IS NULL AND ${h}.succeeded ${conditions.join(' ')}
          AND (SELECT active.deployment_id FROM (${activeAtStart(moment)}) active) = ${h}.deployment_id
        ORDER BY ${orderedBy('i', [...startInSlot, 'log_order'], ' DESC')} LIMIT ${MOST_INCIDENTS}
      ) active
    ) i ORDER BY i.started_at DESC, i.log_order DESC LIMIT ${MOST_INCIDENTS}`
}

const startInSlot = [...slotColumns, 'started_at']
const ownerColumns = ['deployment_id', ...slot, 'deployed_at']
const owner = columnsOf('h', ownerColumns)

type OwnerColumn = 'deployment_id' | 'named_deployment_id'
const belongsTo = (i: string, h: string, column: OwnerColumn) =>
  `${withinKey(`${i}.${column}, ${i}.tenant`, `${h}.deployment_id, ${h}.tenant`)} AND ${i}.${column} IS NOT NULL`
const newest = (column: OwnerColumn) => orderedBy('i', [column, 'tenant', 'started_at', 'log_order'], ' DESC')

function visibleAsOf({ asOf, knownAt }: AsOf): string[] {
  return [
    ...(asOf === undefined ? [] : ['i.started_at <= $asOf::timestamptz']),
    ...(knownAt === undefined ? [] : ['i.recorded_at <= $knownAt::timestamptz']),
  ]
}

/** SQL: columns of `i` that depend on its resolution. */
function stateAsOf({ asOf, knownAt }: AsOf): string {
  const isKnown = knownAt === undefined ? 'true' : 'i.resolution_known_from <= $knownAt::timestamptz'
  const resolved = asOf === undefined ? isKnown : `${isKnown} AND i.resolved_at <= $asOf::timestamptz`
  return `CASE WHEN ${resolved} THEN i.resolved_at END AS resolved_at,
      CASE WHEN ${isKnown} THEN i.last_seq ELSE i.recorded_seq END AS last_seq,
      CASE WHEN ${isKnown} THEN i.version ELSE 1 END AS version`
}

/** SQL: the known deployment to which `i` belongs. */
function ownerAsKnown(moment: AsOf): string {
  return `
    SELECT ${owner} FROM ${deploymentsAsOf({ knownAt: moment.knownAt })} h
    WHERE i.named_deployment_id IS NOT NULL AND h.tenant = i.tenant AND h.deployment_id = i.named_deployment_id
      AND ${isWhereNamed('i', 'h')}
    UNION ALL SELECT * FROM (${activeAtStart(moment)}) active WHERE i.named_deployment_id IS NULL`
}

/** SQL: the deployment that was active in the application and environment of `i` when it started, by what was known. */
function activeAtStart({ knownAt }: AsOf): string {
  return `
      SELECT ${columnsOf('latest', ownerColumns)} FROM (
        SELECT ${owner}, h.removed_at FROM ${deploymentsAsOf({ knownAt })} h
        WHERE ${sameSlot('h', 'i')} AND h.deployed_at <= i.started_at AND h.succeeded AND h.finished_at <= i.started_at
          AND (h.status = 'DEPLOYED' OR h.rolled_back_at > i.started_at)
        ORDER BY h.deployed_at DESC, h.log_order DESC LIMIT 1
      ) latest WHERE latest.removed_at IS NULL OR latest.removed_at > i.started_at`
}

/** SQL: a time from which on `h` was not active, by what was known: the finish of the next deployment that was never rolled back. */
function replacedAt(h: string, { knownAt }: AsOf): string {
  return `coalesce((
            SELECT next.finished_at FROM ${deploymentsAsOf({ knownAt })} next
            WHERE ${sameSlot('next', h)} AND (next.deployed_at, next.log_order) > (${h}.deployed_at, ${h}.log_order)
              AND next.succeeded AND next.status = 'DEPLOYED'
            ORDER BY next.deployed_at, next.log_order LIMIT 1), 'infinity')`
}
