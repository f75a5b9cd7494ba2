import type { DeploymentChange } from '../record/fold.js'
import type { Slot } from '../record/slot.js'
import { logOrder } from '../../sql/log-order.js'
import type { Run } from './step-function.js'

/** The time and slot in which a deployment is active, and in which it was before a batch. */
export interface ChangedRun {
  slot: Slot
  before?: Run
  now?: Run
}

/** How a change of a deployment affects intervals; `undefined` if it does not. */
export function changedRun(change: DeploymentChange): ChangedRun | undefined {
  const before = change.before && runOf(change, change.before)
  const now = runOf(change, change.record)
  if (!before && !now) return undefined
  if (before && now && isSame(before, now)) return undefined
  const { tenant, environmentName, record } = change
  return { slot: { tenant, application: record.application, environmentName }, before, now }
}

function isSame(a: Run, b: Run): boolean {
  return (
    a.deployedAt === b.deployedAt &&
    a.imageTag === b.imageTag &&
    a.from === b.from &&
    a.until === b.until &&
    a.removedAt === b.removedAt
  )
}

function runOf(
  { record, partition, recordedSeq }: DeploymentChange,
  standing: DeploymentChange['record'],
): Run | undefined {
  const { imageTag, succeeded, status, completedAt, rolledBackAt, removedAt } = standing
  if (!succeeded) return undefined
  const deployedAt = Date.parse(standing.deployedAt)
  const from = completedAt === undefined ? deployedAt : Date.parse(completedAt)
  // Recorded as rolled back without a time: rolled back when it finished.
  const rolledBack = rolledBackAt === undefined ? from : Date.parse(rolledBackAt)
  const until = status === 'ROLLED_BACK' ? rolledBack : Infinity
  if (until <= from) return undefined
  // In Postgres' form: the log may have UUIDs in upper case.
  const deploymentId = record.id.toLowerCase()
  return {
    deploymentId,
    imageTag,
    deployedAt,
    logOrder: logOrder(partition, recordedSeq),
    from,
    until,
    ...(removedAt !== undefined && { removedAt: Date.parse(removedAt) }),
  }
}
