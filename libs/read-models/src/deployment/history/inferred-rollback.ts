import type { ClientBase } from 'pg'
import { logOrder } from '../../sql/log-order.js'
import type { DeploymentChange } from '../record/fold.js'
import { beginning, end, lastBefore, nextTo, pointArrays, type MovedSuccess } from './last-before.js'
import { tagArrays, touchedByMovedTags } from './moved-tags.js'
import { slotArrays } from '../record/slot.js'
import { lastSuccessBefore, startOf, successesFrom, successWithTagOf } from '../record/index-lookups.js'

/** A deployment that an inferred rollback undoes. */
export interface NamedDeployment {
  tenant: string
  id: string
}

/**
 * Recomputes which deployments go back to an older version, after a batch has changed the history. A success replaces the previous success
 * in the same application and environment; it goes back if its tag first succeeded there before the tag of the replaced one did. A change
 * therefore affects only the changed deployments, those directly after them, and, if a tag's first success moved past another's, adjacent
 * deployments of the two tags. Returns the deployments that are undone now and were not, and those that no longer are.
 */
export async function inferRollbacks(
  connection: ClientBase,
  changes: readonly DeploymentChange[],
): Promise<NamedDeployment[]> {
  const moved = changes.flatMap(movedSuccesses)
  if (moved.length === 0) return []
  const byTags = await touchedByMovedTags(connection, moved)
  const touched = [...moved, ...byTags.successes]
  const values = [
    ...slotArrays(touched),
    ...pointArrays(touched),
    ...pointArrays([...lastBefore(moved), ...byTags.successes.map(() => beginning)]),
    ...pointArrays([...nextTo(moved).map(({ after }) => after), ...byTags.successes.map(() => end)]),
    ...tagArrays(byTags.tags),
  ]
  const { rows } = await connection.query<NamedDeployment>({ name: 'infer rollbacks', text: INFER, values })
  return rows
}

// Positions in the order of starts at which a success has appeared or disappeared.
function movedSuccesses(change: DeploymentChange): MovedSuccess[] {
  const { before, record } = change
  const from = before?.succeeded ? before.deployedAt : undefined
  const to = record.succeeded ? record.deployedAt : undefined
  if (from === to) return []
  const { tenant, environmentName, partition, recordedSeq } = change
  const { application, imageTag } = record
  const slot = { tenant, application, environmentName, imageTag, logOrder: logOrder(partition, recordedSeq) }
  return [
    ...(from === undefined ? [] : [{ ...slot, at: from, stands: false }]),
    ...(to === undefined ? [] : [{ ...slot, at: to, stands: true }]),
  ]
}

const evaluatedColumns = [
  'tenant',
  'application',
  'environment_name',
  'image_tag',
  'deployed_at',
  'log_order',
  'deployment_id',
  'rollback_of',
  'inferred_rollback_of',
  'ctid',
]

// A log position belongs to one deployment, so log_order identifies rows at a lower cost than their keys.
const INFER = `
  WITH touched AS (
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::bigint[], $6::timestamptz[], $7::bigint[],
        $8::timestamptz[], $9::bigint[])
      AS touched (tenant, application, environment_name, deployed_at, log_order, last_at, last_log_order, next_at, next_log_order)
    UNION ALL
    SELECT h.tenant, h.application, h.environment_name, h.deployed_at, h.log_order, '-infinity', 0, 'infinity', 0
    FROM unnest($10::text[], $11::text[], $12::text[], $13::text[]) AS tag(tenant, application, environment_name, image_tag)
    CROSS JOIN LATERAL (SELECT h.* FROM deployment_history h WHERE ${successWithTagOf('h', 'tag')} OFFSET 0) h
  ), affected AS MATERIALIZED (
    SELECT DISTINCT ON (at_or_after.log_order) at_or_after.*, touched.last_at, touched.last_log_order
    FROM touched CROSS JOIN LATERAL ${successesFrom('touched', evaluatedColumns, 2)} at_or_after
  ), judged AS MATERIALIZED (
    SELECT affected.ctid, affected.inferred_rollback_of AS before,
      CASE WHEN affected.rollback_of IS NULL AND ${startOf('own_first')} < ${startOf('replaced_first')}
        THEN replaced.deployment_id END AS now
    FROM affected
    LEFT JOIN LATERAL ${lastSuccessBefore('affected', evaluatedColumns.slice(0, -3))} replaced ON true
    LEFT JOIN LATERAL (
      SELECT h.deployed_at, h.log_order FROM deployment_history h
      WHERE affected.image_tag <> replaced.image_tag AND ${successWithTagOf('h', 'affected')} LIMIT 1
    ) own_first ON true
    LEFT JOIN LATERAL (
      SELECT h.deployed_at, h.log_order FROM deployment_history h
      WHERE ${successWithTagOf('h', 'replaced', `${startOf('own_first')} < ${startOf('replaced')}`)} LIMIT 1
    ) replaced_first ON true
  ), marked AS (
    UPDATE deployment_history h SET inferred_rollback_of = judged.now
    FROM judged
    WHERE judged.now IS DISTINCT FROM judged.before
      AND h.ctid = judged.ctid
    RETURNING h.tenant, judged.before, judged.now
  )
  SELECT marked.tenant, named.id FROM marked CROSS JOIN LATERAL (VALUES (before), (now)) AS named(id)
  WHERE named.id IS NOT NULL`
