import type { Stint } from '../deployment/interval/step-function.js'

/** A stint as `stintJson` has it. */
export type StintJson = [
  from: number,
  deploymentId: string | null,
  imageTag: string | null,
  deployedAt: number | null,
  logOrder: string | null,
  byRollback: boolean,
]

/** SQL: a stint, row `s`. */
export const stintJson = `json_build_array(milliseconds(s.from_at), s.deployment_id, s.image_tag, milliseconds(s.deployed_at),
  s.log_order::text, s.by_rollback)`

/** Reads what `stintJson` has made. */
export function stintOfJson([from, deploymentId, imageTag, deployedAt, logOrder, byRollback]: StintJson): Stint {
  if (deploymentId === null) return { from, byRollback }
  const running = { deploymentId, imageTag: imageTag!, deployedAt: deployedAt!, logOrder: BigInt(logOrder!) }
  return { from, running, byRollback }
}
