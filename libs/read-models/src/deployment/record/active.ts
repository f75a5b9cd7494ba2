import type { AsOf } from '../../sql/as-of.js'
import { sameSlot } from './index-lookups.js'
import { everRecorded } from './versions.js'

/** How active deployments are found, now or as of a time. */
export interface ActiveJoin {
  /** SQL: a relation, for FROM, with rows for all slots in which a deployment can have been active. */
  slots: string
  /**
   * SQL: a subquery, for LATERAL: the active `deployment_id` in the slot of a row for which a condition holds. Without an active
   * deployment: no row, or NULL.
   */
  in(slot: string, condition: string): string
}

/**
 * Finds active deployments: current ones and, by current knowledge, those of all times are stored. With `knownAt` they are computed from
 * the visible deployments (`deploymentsAsOf`).
 */
export function activeAt({ asOf, knownAt }: AsOf, visible: string): ActiveJoin {
  if (knownAt !== undefined) return { slots: everRecorded, in: activeAmong(visible) }
  if (asOf === undefined) return { slots: 'deployment_current', in: activeNow }
  return { slots: 'deployment_interval', in: activeThen }
}

const activeNow: ActiveJoin['in'] = (slot, condition) => `
  SELECT now.deployment_id FROM deployment_current now WHERE ${sameSlot('now', slot)} AND ${condition}`

const activeThen: ActiveJoin['in'] = (slot, condition) => `
  SELECT CASE WHEN NOT past.removed THEN past.deployment_id END AS deployment_id FROM deployment_interval past
  WHERE ${sameSlot('past', slot)} AND past.from_at <= $asOf::timestamptz AND ${condition}
  ORDER BY past.from_at DESC LIMIT 1`

const activeAmong =
  (visible: string): ActiveJoin['in'] =>
  (slot, condition) => `
  SELECT CASE WHEN latest.removed_at IS NULL THEN latest.deployment_id END AS deployment_id FROM ${visible} latest
  WHERE ${sameSlot('latest', slot)} AND latest.succeeded AND latest.status = 'DEPLOYED' AND ${condition}
  ORDER BY latest.deployed_at DESC, latest.log_order DESC LIMIT 1`
