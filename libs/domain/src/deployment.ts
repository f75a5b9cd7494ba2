import {
  correctableFields,
  evolveRecord,
  refuse,
  type CompleteDeployment,
  type CorrectDeployment,
  type Correction,
  type Decider,
  type Decision,
  type DeploymentCommand,
  type DeploymentCompleted,
  type DeploymentCorrected,
  type DeploymentEvent,
  type DeploymentRecord,
  type DeploymentRecorded,
  type DeploymentRolledBack,
  type RecordDeployment,
  type Rejection,
  type RollBackDeployment,
} from '#libs/contracts'
import { deploymentIndexEntries } from './deployment-index.js'

export type Deployment = { state: 'absent' } | { state: 'recorded'; record: DeploymentRecord }

const DAY_MS = 24 * 60 * 60 * 1000

function evolve(deployment: Deployment, event: DeploymentEvent): Deployment {
  const before = deployment.state === 'recorded' ? deployment.record : undefined
  return { state: 'recorded', record: evolveRecord(before, event) }
}

function record(command: RecordDeployment, deployment: Deployment): Decision<DeploymentRecorded> {
  if (deployment.state === 'recorded') {
    return refuse('unprocessable', `a deployment ${command.deploymentId} is recorded already, with other facts`, {
      errors: [{ pointer: '/id', detail: 'names a deployment that is recorded already; correct that one instead' }],
    })
  }
  const { deploymentId, facts, now } = command
  return impossible(facts, now) ?? [{ type: 'DeploymentRecorded', deploymentId, ...facts }]
}

function complete(command: CompleteDeployment, deployment: Deployment): Decision<DeploymentCompleted> {
  if (deployment.state === 'absent') return unknown(command.deploymentId)
  const { deploymentId, status, completedAt, reason, now } = command
  if (deployment.record.status !== 'PENDING') {
    const detail = `deployment ${deploymentId} is ${deployment.record.status}: only a PENDING one can be completed`
    return refuse('conflict', detail, { details: { deploymentStatus: deployment.record.status } })
  }
  return (
    ofRecord(impossible({ ...deployment.record, status, completedAt }, now)) ?? [
      { type: 'DeploymentCompleted', deploymentId, status, completedAt, ...(reason !== undefined && { reason }) },
    ]
  )
}

function correct(command: CorrectDeployment, deployment: Deployment): Decision<DeploymentCorrected> {
  if (deployment.state === 'absent') return unknown(command.deploymentId)
  const { deploymentId, reason, now } = command
  const changes = { ...command.changes }
  // Only a rolled back deployment has a time of rollback: correcting the status takes it away.
  if (changes.status && changes.status !== 'ROLLED_BACK' && changes.rolledBackAt === undefined)
    changes.rolledBackAt = null
  const corrections = correctableFields.flatMap((field): Correction[] => {
    const before = deployment.record[field]
    const after = changes[field] ?? undefined
    if (changes[field] === undefined || before === after) return []
    return [{ field, ...(before !== undefined && { before }), ...(after !== undefined && { after }) }]
  })
  if (corrections.length === 0) return []
  const event: DeploymentCorrected = { type: 'DeploymentCorrected', deploymentId, corrections, reason }
  return ofRecord(impossible(evolveRecord(deployment.record, event), now)) ?? [event]
}

function rollBack(command: RollBackDeployment, deployment: Deployment): Decision<DeploymentRolledBack> {
  if (deployment.state === 'absent') return unknown(command.deploymentId)
  const { deploymentId, rolledBackAt, reason, now } = command
  if (deployment.record.status === 'ROLLED_BACK') return alreadyRolledBack(deployment.record)
  return (
    ofRecord(impossible({ ...deployment.record, status: 'ROLLED_BACK', rolledBackAt }, now)) ?? [
      { type: 'DeploymentRolledBack', deploymentId, rolledBackAt, ...(reason !== undefined && { reason }) },
    ]
  )
}

/** The conflict of marking a deployment a second time. */
export function alreadyRolledBack({ id, rolledBackAt }: DeploymentRecord): Rejection {
  const when = rolledBackAt === undefined ? '' : ` since ${rolledBackAt}`
  return refuse('conflict', `deployment ${id} is ROLLED_BACK${when}: it can be rolled back only once`, {
    details: { deploymentId: id, deploymentStatus: 'ROLLED_BACK' },
  })
}

function unknown(id: string): Rejection {
  return refuse('not-found', `there is no deployment ${id}`)
}

/** What no deployment can be, whatever a pipeline says: finished before it started, or happening tomorrow. */
function impossible(
  facts: Pick<DeploymentRecord, 'status' | 'deployedAt' | 'completedAt' | 'rolledBackAt'>,
  now: string,
): Rejection | undefined {
  const { status, deployedAt, completedAt, rolledBackAt } = facts
  const start = Date.parse(deployedAt)
  const future = Date.parse(now) + DAY_MS
  const errors: { pointer: string; detail: string }[] = []
  const check = (wrong: boolean, pointer: string, detail: string) => wrong && errors.push({ pointer, detail })
  check(start > future, '/deployedAt', 'is more than 24 h in the future')
  if (completedAt !== undefined) {
    check(Date.parse(completedAt) < start, '/completedAt', `is before deployedAt, ${deployedAt}`)
    check(Date.parse(completedAt) > future, '/completedAt', 'is more than 24 h in the future')
    check(status === 'PENDING', '/completedAt', 'is given, but the status is PENDING: what is pending has not finished')
  }
  if (rolledBackAt !== undefined) {
    check(Date.parse(rolledBackAt) < start, '/rolledBackAt', `is before deployedAt, ${deployedAt}`)
    check(Date.parse(rolledBackAt) > future, '/rolledBackAt', 'is more than 24 h in the future')
    check(status !== 'ROLLED_BACK', '/rolledBackAt', `is given, but the status is ${status}`)
  }
  if (errors.length === 0) return undefined
  const reason = errors.map(({ pointer, detail }) => `${pointer.slice(1)} ${detail}`).join('; ')
  // What is too far ahead is not for ever.
  const ahead = [deployedAt, completedAt, rolledBackAt].some(at => at !== undefined && Date.parse(at) > future)
  return refuse('unprocessable', reason, { errors, ...(ahead && { dependsOnState: true }) })
}

/** Also by what is recorded, which can be corrected. */
function ofRecord(rejection: Rejection | undefined): Rejection | undefined {
  return rejection && { ...rejection, dependsOnState: true }
}

function decide(command: DeploymentCommand, deployment: Deployment): Decision<DeploymentEvent> {
  switch (command.type) {
    case 'RecordDeployment':
      return record(command, deployment)
    case 'CompleteDeployment':
      return complete(command, deployment)
    case 'CorrectDeployment':
      return correct(command, deployment)
    case 'RollBackDeployment':
      return rollBack(command, deployment)
    default:
      return command satisfies never
  }
}

/** The decider of a deployment: who may do what to it, from being recorded on. */
export const deployment: Decider<Deployment, DeploymentCommand, DeploymentEvent> = {
  category: 'deployment',
  stateVersion: 1,
  initial: { state: 'absent' },
  evolve,
  decide,
  orderingKey: deployment => (deployment.state === 'recorded' ? deployment.record.application : ''),
  indexEntries: deployment => (deployment.state === 'recorded' ? deploymentIndexEntries(deployment.record) : []),
}
