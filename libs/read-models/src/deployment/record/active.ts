import type { Bind, AsOf } from '../../sql/as-of.js'
import { sameSlot } from './index-lookups.js'

/** How it is found what runs, or ran at a moment. */
export interface ActiveJoin {
  /** A table with rows of all places in which something can have run. */
  slots: 'deployment_current' | 'deployment_interval' | 'deployment_history'
  /**
   * SQL: a subquery, for LATERAL: the `deployment_id` that runs in the place of a row, where a condition on that row holds. Nothing
   * runs there: no row, or NULL.
   */
  in(slot: string, condition: string): string
}

/**
 * Finds what runs: now it is kept, and so it is for all times by what is known now. What was known earlier is judged among
 * the deployments that are seen (`seen`, see deploymentsSeen).
 */
export function activeAt({ asOf, knownAt }: AsOf, visible: string, bind: Bind): ActiveJoin {
  if (knownAt !== undefined) return { slots: 'deployment_history', in: activeAmong(visible) }
  if (asOf === undefined) return { slots: 'deployment_current', in: activeNow }
  return { slots: 'deployment_interval', in: activeThen(`${bind(asOf)}::timestamptz`) }
}

const activeNow: ActiveJoin['in'] = (slot, condition) => `
  SELECT running.deployment_id FROM deployment_current running WHERE ${sameSlot('running', slot)} AND ${condition}`

const activeThen =
  (at: string): ActiveJoin['in'] =>
  (slot, condition) => `
  SELECT past.deployment_id FROM deployment_interval past
  WHERE ${sameSlot('past', slot)} AND past.from_at <= ${at} AND ${condition}
  ORDER BY past.from_at DESC LIMIT 1`

const activeAmong =
  (visible: string): ActiveJoin['in'] =>
  (slot, condition) => `
  SELECT latest.deployment_id FROM ${visible} latest
  WHERE ${sameSlot('latest', slot)} AND latest.succeeded AND latest.status = 'DEPLOYED' AND ${condition}
  ORDER BY latest.deployed_at DESC, latest.log_order DESC LIMIT 1`
