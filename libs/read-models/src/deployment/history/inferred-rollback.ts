import type { DeploymentRecord } from '#libs/contracts'
import { rowSet, statement, type Query } from '#libs/postgres'
import { logOrder } from '../../sql/log-order.js'
import type { DeploymentChange } from '../record/fold.js'
import { beginning, end, lastBefore, nextTo, pointColumns, type MovedSuccess, type Point } from './last-before.js'
import { tagRows, touchedByMovedTags } from './moved-tags.js'
import { goesBack } from '../record/rules.sql.js'
import { slotKeysOf, type Slot } from '../record/slot.js'
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
export async function inferRollbacks(query: Query, changes: readonly DeploymentChange[]): Promise<NamedDeployment[]> {
  const moved = changes.flatMap(movedSuccesses)
  if (moved.length === 0) return []
  const byTags = await touchedByMovedTags(query, moved)
  const [last, next] = [lastBefore(moved), nextTo(moved)]
  const touched: TouchedSuccess[] = [
    ...moved.map((success, n) => ({ success, last: last[n]!, next: next[n]!.after })),
    ...byTags.successes.map(success => ({ success, last: beginning, next: end })),
  ]
  const values = { ...touchedRows.values(touched), ...tagRows.values(byTags.tags) }
  return query<NamedDeployment>(statement('infer rollbacks', INFER, values, { plan: 'once' }))
}

/** A success whose place in the order of starts may have another successor, and the points between which that is searched. */
interface TouchedSuccess {
  success: Slot & Point
  last: Point
  next: Point
}

const touchedRows = rowSet<TouchedSuccess>('touched', [
  ...slotKeysOf<TouchedSuccess>(({ success }) => success),
  ...pointColumns<TouchedSuccess>('deployed_at', 'log_order', ({ success }) => success),
  ...pointColumns<TouchedSuccess>('last_at', 'last_log_order', ({ last }) => last),
  ...pointColumns<TouchedSuccess>('next_at', 'next_log_order', ({ next }) => next),
])

// Positions in the order of starts at which a success has appeared or disappeared; both at one position if its tag changed, or what it
// reports to undo.
function movedSuccesses(change: DeploymentChange): MovedSuccess[] {
  const { tenant, environmentName, partition, recordedSeq } = change
  const from = change.before?.succeeded ? change.before : undefined
  const to = change.record.succeeded ? change.record : undefined
  if (isUnmoved(from, to)) return []
  const { application } = change.record
  const slot = { tenant, application, environmentName, logOrder: logOrder(partition, recordedSeq) }
  return [
    ...(from ? [{ ...slot, imageTag: from.imageTag, at: from.deployedAt, stands: false }] : []),
    ...(to ? [{ ...slot, imageTag: to.imageTag, at: to.deployedAt, stands: true }] : []),
  ]
}

function isUnmoved(from: DeploymentRecord | undefined, to: DeploymentRecord | undefined): boolean {
  return from?.deployedAt === to?.deployedAt && from?.imageTag === to?.imageTag && from?.rollbackOf === to?.rollbackOf
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
    SELECT * FROM ${touchedRows.sql}
    UNION ALL
    SELECT h.tenant, h.application, h.environment_name, h.deployed_at, h.log_order, '-infinity', 0, 'infinity', 0
    FROM ${tagRows.sql}
    CROSS JOIN LATERAL (SELECT h.* FROM deployment_history h WHERE ${successWithTagOf('h', 'tag')} OFFSET 0) h
  ), affected AS MATERIALIZED (
    SELECT DISTINCT ON (at_or_after.log_order) at_or_after.*, touched.last_at, touched.last_log_order
    FROM touched CROSS JOIN LATERAL ${successesFrom('touched', evaluatedColumns, 2)} at_or_after
  ), evaluated AS MATERIALIZED (
    SELECT affected.ctid, affected.inferred_rollback_of AS before,
      CASE WHEN ${goesBack('affected.rollback_of', startOf('own_first'), startOf('replaced_first'))}
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
  ), changed AS (
    UPDATE deployment_history h SET inferred_rollback_of = evaluated.now
    FROM evaluated
    WHERE evaluated.now IS DISTINCT FROM evaluated.before
      AND h.ctid = evaluated.ctid
    RETURNING h.tenant, evaluated.before, evaluated.now
  )
  SELECT changed.tenant, undone.id FROM changed CROSS JOIN LATERAL (VALUES (before), (now)) AS undone(id)
  WHERE undone.id IS NOT NULL`
