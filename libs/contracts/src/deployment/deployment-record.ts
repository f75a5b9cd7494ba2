import type { Correction, DeploymentEvent, DeploymentFacts, DeploymentStatus } from './deployment.js'

/**
 * A deployment, folded from its own events. What depends on other deployments (active, inferred rollbacks, overtaking) is computed by the
 * read models.
 */
export interface DeploymentRecord extends DeploymentFacts {
  id: string
  /** Whether the deployment succeeded, even if it was rolled back later. One recorded as ROLLED_BACK had succeeded; a voided one had not. */
  succeeded: boolean
  /** Nothing is active in its place from then on, though it stays the latest success there: none before it comes back. Only if DEPLOYED. */
  removedAt?: string
  /** The record was a mistake. */
  voided?: true
}

/** Applies one event. Throws if the deployment was not recorded before. @param record `undefined` before the first event */
export function evolveRecord(record: DeploymentRecord | undefined, event: DeploymentEvent): DeploymentRecord {
  if (event.type === 'DeploymentRecorded') {
    const { type: _, deploymentId, ...facts } = event
    return { id: deploymentId, ...facts, succeeded: hadSucceeded(facts.status) }
  }
  if (!record) throw new Error(`${event.type} of deployment ${event.deploymentId}, which was never recorded`)
  switch (event.type) {
    case 'DeploymentCompleted':
      return {
        ...record,
        status: event.status,
        completedAt: event.completedAt,
        succeeded: hadSucceeded(event.status),
        ...(hasFailureReason(event.status) && event.reason !== undefined && { failureReason: event.reason }),
      }
    case 'DeploymentRolledBack':
      return {
        ...record,
        status: 'ROLLED_BACK',
        rolledBackAt: event.rolledBackAt,
        ...(event.reason !== undefined && { rollbackReason: event.reason }),
      }
    case 'DeploymentRemoved':
      return { ...record, removedAt: event.removedAt }
    case 'DeploymentCorrected':
      return event.corrections.reduce(correct, record)
    case 'DeploymentVoided':
      return { ...record, voided: true, succeeded: false }
    default:
      return event satisfies never
  }
}

function correct(record: DeploymentRecord, { field, after }: Correction): DeploymentRecord {
  const corrected: DeploymentRecord = { ...record, [field]: after }
  if (after === undefined) delete corrected[field]
  if (field === 'status') {
    corrected.succeeded = hadSucceeded(corrected.status)
    if (corrected.status !== 'ROLLED_BACK') delete corrected.rollbackReason
    if (!hasFailureReason(corrected.status)) delete corrected.failureReason
  }
  return corrected
}

function hadSucceeded(status: DeploymentStatus): boolean {
  return status === 'DEPLOYED' || status === 'ROLLED_BACK'
}

/** Whether a deployment with this status may say why it did not succeed. */
export function hasFailureReason(status: DeploymentStatus): boolean {
  return status === 'FAILED' || status === 'CANCELLED'
}

/** The finish: `completedAt`, or the start if no finish was reported. */
export function finishOf({ completedAt, deployedAt }: Pick<DeploymentRecord, 'deployedAt' | 'completedAt'>): string {
  return completedAt ?? deployedAt
}

/** Seconds from start to finish, with fractions; `undefined` without a finish. */
export function durationSeconds(record: Pick<DeploymentRecord, 'deployedAt' | 'completedAt'>): number | undefined {
  if (record.completedAt === undefined) return undefined
  return (Date.parse(record.completedAt) - Date.parse(record.deployedAt)) / 1000
}
