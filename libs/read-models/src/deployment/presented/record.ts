import {
  type ComputedField,
  type DeploymentField,
  deploymentFieldNames,
  deploymentFields,
  storedFields,
  type StoredField,
} from '#libs/contracts'
import { isHistorical, type AsOf } from '../../sql/as-of.js'
import { largeJsonBytesSql } from '../../sql/page-rows.js'
import { deploymentsAsOf, startedDeploymentsAsOf } from '../record/versions.js'
import { justBefore, sameSlot, startedWhile, startOf, withTagBefore, withTagOf } from '../record/index-lookups.js'
import { columnOf, type FieldColumn } from '../record/columns.js'
import { activeAt, type ActiveJoin } from '../record/active.js'
import { incidentsOf } from '../../incident/as-of.js'

const currentJoin = `
  LEFT JOIN deployment_current current ON ${sameSlot('current', 'h')} AND current.deployment_id = h.deployment_id`

/**
 * SQL: members of a record beyond its own row `h`, and `current`, which exists if it is active.
 * - `overtaking`: of the successes that started later and finished earlier, the one that started last. It started before this one finished,
 * which bounds the part of the index that is read.
 * - `contesting`: of the successes, neither rolled back nor removed, that started before the active one and finished after it, the one that finished last.
 */
const neighbourJoins = `
  LEFT JOIN LATERAL (
    SELECT later.deployment_id FROM deployment_history later
    WHERE h.succeeded AND h.finished_at > h.deployed_at
      AND ${startedWhile('later', 'h', 'later.succeeded AND later.finished_at < h.finished_at')} LIMIT 1
  ) overtaking ON true
  LEFT JOIN LATERAL (
    SELECT earlier.deployment_id FROM deployment_history earlier
    WHERE current.deployment_id IS NOT NULL AND ${sameSlot('earlier', 'h')} AND earlier.status = 'DEPLOYED' AND earlier.removed_at IS NULL
      AND earlier.finished_at > earlier.deployed_at AND earlier.finished_at > h.finished_at
      AND earlier.deployed_at < h.deployed_at
    ORDER BY earlier.finished_at DESC, earlier.deployed_at DESC, earlier.log_order DESC LIMIT 1
  ) contesting ON true`

/** SQL: joins that `recordJson` needs beside a row `h`. */
const recordJoins = currentJoin + neighbourJoins

/** SQL: the same as `currentJoin` for a row `h` of a bitemporal query. */
const visibleCurrentJoin = (active: ActiveJoin): string => `
  LEFT JOIN LATERAL (
    SELECT active.deployment_id FROM (${active.in('h', `h.status = 'DEPLOYED'`)}) active
    WHERE active.deployment_id = h.deployment_id
  ) current ON true`

/**
 * SQL: the same as `neighbourJoins` in a bitemporal query (`startedDeploymentsAsOf`: each neighbour started before `h`, or before
 * its finish); and `undone`, the deployment that `h` undoes by inference (`goesBack`). Neighbours that count had finished, so
 * their reported finish applies, which the index has. Most deployments are the first with their tag and undo nothing, which is checked
 * first, by the index alone.
 */
const visibleNeighbourJoins = (visible: string): string => `
  LEFT JOIN LATERAL (
    SELECT later.deployment_id FROM ${visible} later
    WHERE h.succeeded AND h.finished_at > h.deployed_at
      AND ${startedWhile('later', 'h', 'later.succeeded AND later.reported_finish < h.finished_at')} LIMIT 1
  ) overtaking ON true
  LEFT JOIN LATERAL (
    SELECT earlier.deployment_id FROM ${visible} earlier
    WHERE current.deployment_id IS NOT NULL AND ${sameSlot('earlier', 'h')} AND earlier.succeeded
      AND earlier.status = 'DEPLOYED' AND earlier.removed_at IS NULL AND earlier.reported_finish > earlier.deployed_at AND earlier.reported_finish > h.finished_at
      AND earlier.deployed_at < h.deployed_at
    ORDER BY earlier.reported_finish DESC, earlier.deployed_at DESC, earlier.log_order DESC LIMIT 1
  ) contesting ON true
  LEFT JOIN LATERAL (
    SELECT replaced.deployment_id FROM (
      SELECT first.deployed_at, first.log_order FROM ${visible} first
      WHERE ${withTagBefore('first', 'h', 'first.succeeded AND h.succeeded AND h.rollback_of IS NULL')} LIMIT 1
    ) own_first CROSS JOIN LATERAL (
      SELECT before.* FROM ${visible} before
      WHERE ${justBefore('before', 'h', `before.succeeded AND ${startOf('own_first')} < ${startOf('h')}`)} LIMIT 1
    ) replaced CROSS JOIN LATERAL (
      SELECT first.deployed_at, first.log_order FROM ${visible} first
      WHERE ${withTagOf('first', 'replaced', `first.succeeded AND ${startOf('own_first')} < ${startOf('replaced')}`)} LIMIT 1
    ) replaced_first
    WHERE ${startOf('own_first')} < ${startOf('replaced_first')}
  ) undone ON true`

// Each member is NULL if its value is absent, and concat skips NULL. This takes half the time of json_strip_nulls, which parses the text
// again.
const member = (name: string, json: string) => `',"${name}":' || ${json}`
const text = (sql: string) => `to_json(${sql})::text`
const instant = (sql: string) => `'"' || instant(${sql}) || '"'`
const plain = (sql: string) => `(${sql})::text`
// For values that need no escape sequences.
const quoted = (sql: string) => `'"' || ${sql} || '"'`

const jsonByType = { text, uuid: quoted, timestamptz: instant, boolean: plain, json: plain }

/** SQL: JSON of a stored member. */
function storedJson(field: StoredField): string {
  const { name, type } = columnOf(field)
  const json = 'enum' in deploymentFields[field].schema ? quoted : jsonByType[type]
  return json(`h.${name}`)
}

/** What the JSON of a record `h` depends on, as SQL. */
interface JsonVariant {
  /** The deployment that it undoes by inference. */
  inferred: string
  /** The relation of deployments that count. */
  visible: string
  moment: AsOf
  /** When it was voided; omitted where `h` never is. */
  voidedAt?: string
}

/**
 * SQL: JSON of each member that is not stored as it is shown.
 */
const computedJson = ({ inferred, visible, moment, voidedAt }: JsonVariant) =>
  ({
    active: plain('current.deployment_id IS NOT NULL'),
    durationSeconds: plain('trim_scale(extract(epoch FROM h.completed_at - h.deployed_at))'),
    rollbackOf: quoted(`coalesce(h.rollback_of, ${inferred})`),
    rollbackDetected: quoted(
      `CASE WHEN h.rollback_of IS NOT NULL THEN 'reported' WHEN ${inferred} IS NOT NULL THEN 'inferred' END`,
    ),
    rollbackIgnored: text(ignoredRollback(visible, voidedAt)),
    incidents:
      voidedAt === undefined
        ? incidentsJson(moment)
        : `CASE WHEN ${voidedAt} IS NULL THEN ${incidentsJson(moment)} END`,
    voidedAt: voidedAt && instant(voidedAt),
    overtakenBy: quoted('overtaking.deployment_id'),
    contestedBy: quoted('contesting.deployment_id'),
    recordedAt: instant('h.recorded_at'),
    position: quoted(`h.partition || ':' || h.last_seq`),
    version: plain('h.version'),
  }) satisfies Record<ComputedField, string | undefined> & Partial<Record<DeploymentField, string>>

/**
 * SQL: why the deployment that `h` reports to undo is not undone by it; NULL if it is, or is not known yet. Most deployments report none,
 * and need no lookup.
 */
const ignoredRollback = (visible: string, voidedAt?: string): string => `CASE WHEN h.rollback_of IS NULL THEN NULL
  ${voidedAt === undefined ? '' : `WHEN ${voidedAt} IS NOT NULL THEN 'It is voided.'`}
  WHEN h.rollback_of = h.deployment_id THEN 'It names itself.'
  WHEN NOT h.succeeded AND h.status <> 'PENDING' THEN 'It did not succeed: only a success undoes another deployment.'
  ELSE (
    SELECT CASE WHEN (named.application, named.environment_name) <> (h.application, h.environment_name)
      THEN 'The deployment that it names is of application ' || named.application || ' in environment ' || named.environment || '.'
      WHEN named.status = 'CANCELLED' THEN 'The deployment that it names is CANCELLED: it never ran.' END
    FROM ${visible} named WHERE named.tenant = h.tenant AND named.deployment_id = h.rollback_of
  ) END`

/** SQL: the incidents of `h` as a JSON array; NULL without any, which one index lookup tells. */
const incidentsJson = (moment: AsOf): string => `(
    SELECT '[' || string_agg(json_strip_nulls(json_build_object('id', i.incident_id, 'startedAt', instant(i.started_at),
      'resolvedAt', instant(i.resolved_at), 'title', i.title, 'url', i.url))::text, ',' ORDER BY i.started_at DESC, i.log_order DESC) || ']'
    FROM (${incidentsOf('h', moment)}) i)`

const jsonOf = (variant: JsonVariant) => {
  const members: Partial<Record<DeploymentField, string>> = {
    ...Object.fromEntries(storedFields.map(field => [field, storedJson(field)])),
    ...computedJson(variant),
  }
  const others = deploymentFieldNames.flatMap(name =>
    name === 'id' || members[name] === undefined ? [] : [member(name, members[name])],
  )
  return `concat('{"id":"', h.deployment_id, '"', ${others.join(', ')}, '}')`
}

/** Size of a record in bytes without the members that can be long. */
const SHORT_MEMBERS = 8192

/** SQL: approximate size in bytes of the JSON of a record of a row `h`. */
export const recordBytes = `(${[
  SHORT_MEMBERS,
  ...storedFields
    .map(columnOf)
    .filter(({ large }) => large)
    .map(bytesOf),
].join(' + ')})`

function bytesOf({ name, type }: FieldColumn): string {
  return type === 'json' ? largeJsonBytesSql(`h.${name}`) : `coalesce(octet_length(h.${name}), 0)`
}

/** SQL: the JSON text of a record of a row `h` with its `recordJoins`, as in the API. Absent values are omitted. */
const recordJson = jsonOf({ inferred: 'h.inferred_rollback_of', visible: 'deployment_history', moment: {} })

/**
 * How records are read as of a time: `visible`, a relation of deployments; the active ones; for a row `h` the `joins` and the `json`. With a
 * `current` of `h` only the `neighbours` are needed. For rows `h` of a CTE `page`: `ofPage`, a further CTE and the joins.
 */
export interface RecordsAt {
  visible: string
  /** The same with those that were voided by then, and the `json` of them. */
  withVoided: { visible: string; json: string }
  active: ActiveJoin
  joins: string
  neighbours: string
  json: string
  ofPage: { cte: string; joins: string }
}

/** SQL: current records, or those of a bitemporal query. */
export function recordsAt(moment: AsOf): RecordsAt {
  const visible = deploymentsAsOf(moment)
  const active = activeAt(moment, visible)
  if (!isHistorical(moment)) {
    const ofPage = { cte: '', joins: recordJoins }
    const json = jsonOf({ inferred: 'h.inferred_rollback_of', visible, moment, voidedAt: 'h.voided_at' })
    const withVoided = { visible: deploymentsAsOf(moment, { withVoided: true }), json }
    return { visible, withVoided, active, joins: recordJoins, neighbours: neighbourJoins, json: recordJson, ofPage }
  }
  const neighbours = visibleNeighbourJoins(startedDeploymentsAsOf(moment))
  const ofPage = {
    // planner: the active deployment is searched once per slot; with `knownAt` that reads past all deployments that were not known yet.
    cte: `, active_slot AS MATERIALIZED (
      SELECT slot.*, active.deployment_id
      FROM (SELECT DISTINCT tenant, application, environment_name FROM page WHERE status = 'DEPLOYED') slot
      CROSS JOIN LATERAL (${active.in('slot', 'true')}) active
    )`,
    joins: `
      LEFT JOIN active_slot current ON ${sameSlot('current', 'h')} AND current.deployment_id = h.deployment_id ${neighbours}`,
  }
  return {
    visible,
    withVoided: {
      visible: deploymentsAsOf(moment, { withVoided: true }),
      json: jsonOf({ inferred: 'undone.deployment_id', visible, moment, voidedAt: 'h.voided_at' }),
    },
    active,
    joins: visibleCurrentJoin(active) + neighbours,
    neighbours,
    json: jsonOf({ inferred: 'undone.deployment_id', visible, moment }),
    ofPage,
  }
}
