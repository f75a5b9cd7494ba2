import type { Correction, DeploymentEvent, DeploymentFacts, DeploymentStatus } from './deployment.js'

/**
 * A deployment as its own events tell it. What follows from its neighbours (active, inferred rollbacks, overtaking) is
 * not in here: that is the read models' to say.
 */
export interface DeploymentRecord extends DeploymentFacts {
  id: string
  /** Whether it had succeeded, rolled back since or not: what was recorded as rolled back had. */
  succeeded: boolean
}

/** Applies one event of a deployment to its record; `undefined` before it was recorded. Throws for an impossible order. */
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
        ...(event.status === 'FAILED' && event.reason !== undefined && { failureReason: event.reason }),
      }
    case 'DeploymentRolledBack':
      return {
        ...record,
        status: 'ROLLED_BACK',
        rolledBackAt: event.rolledBackAt,
        ...(event.reason !== undefined && { rollbackReason: event.reason }),
      }
    case 'DeploymentCorrected':
      return event.corrections.reduce(correct, record)
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
    if (corrected.status !== 'FAILED') delete corrected.failureReason
  }
  return corrected
}

function hadSucceeded(status: DeploymentStatus): boolean {
  return status === 'DEPLOYED' || status === 'ROLLED_BACK'
}

/** Seconds from start to finish, with their fraction; `undefined` while there is no finish. */
export function durationSeconds(record: Pick<DeploymentRecord, 'deployedAt' | 'completedAt'>): number | undefined {
  if (record.completedAt === undefined) return undefined
  return (Date.parse(record.completedAt) - Date.parse(record.deployedAt)) / 1000
}
