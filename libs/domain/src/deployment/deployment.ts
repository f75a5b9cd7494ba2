import {
  canonicalJson,
  type ContextStreams,
  correctableFields,
  evolveRecord,
  refuse,
  type CompleteDeployment,
  type CorrectableField,
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
  type DeploymentVoided,
  type RecordDeployment,
  type Rejection,
  type RollBackDeployment,
  type VoidDeployment,
} from '#libs/contracts'
import {
  blankEnvironment,
  contradictedRemoval,
  impossibleCommits,
  impossibleFacts,
  refusalOf,
  strayFailureReason,
  zeroStart,
} from './deployment-facts.js'
import { deploymentIndexEntries } from './deployment-index.js'
import { alreadyRolledBack, neverRan, noLongerThere, ofRecord, unknownDeployment } from './deployment-rejections.js'
import { remove } from './removal.js'
import { CATEGORY, strayRollback } from './rollback-of.js'

export type Deployment =
  | { state: 'absent' }
  | { state: 'recorded'; record: DeploymentRecord }
  /** `voidedAt`: when, in the result of a command only. */
  | { state: 'voided'; record: DeploymentRecord; voidedAt?: string }

function evolve(deployment: Deployment, event: DeploymentEvent): Deployment {
  const record = evolveRecord(deployment.state === 'absent' ? undefined : deployment.record, event)
  return { state: record.voided ? 'voided' : 'recorded', record }
}

function record(
  command: RecordDeployment,
  deployment: Deployment,
  contextStreams: ContextStreams,
): Decision<DeploymentRecorded> {
  if (deployment.state !== 'absent') {
    return refuse('unprocessable', `deployment ${command.deploymentId} already exists with other facts`, {
      errors: [{ pointer: '/id', detail: 'is the id of an existing deployment: correct that one, or send another id' }],
    })
  }
  const { deploymentId, facts, now } = command
  const errors = [
    ...blankEnvironment(facts),
    ...zeroStart(facts.deployedAt),
    ...impossibleFacts(facts, now),
    ...strayFailureReason(facts),
    ...strayRollback({ id: deploymentId, ...facts }, command.tenant, contextStreams),
    ...impossibleCommits(facts.commits, now),
  ]
  return refusalOf(errors) ?? [{ type: 'DeploymentRecorded', deploymentId, ...facts }]
}

function complete(command: CompleteDeployment, deployment: Deployment): Decision<DeploymentCompleted> {
  if (deployment.state !== 'recorded') return missing(deployment, command)
  const { deploymentId, status, completedAt, reason, now } = command
  if (deployment.record.status !== 'PENDING') {
    const detail = `deployment ${deploymentId} is ${deployment.record.status}: only a PENDING deployment can be completed`
    return refuse('conflict', detail, { details: { deploymentStatus: deployment.record.status } })
  }
  return (
    ofRecord(refusalOf(impossibleFacts({ ...deployment.record, status, completedAt }, now))) ?? [
      { type: 'DeploymentCompleted', deploymentId, status, completedAt, ...(reason !== undefined && { reason }) },
    ]
  )
}

function correct(
  command: CorrectDeployment,
  deployment: Deployment,
  contextStreams: ContextStreams,
): Decision<DeploymentCorrected> {
  if (deployment.state !== 'recorded') return missing(deployment, command)
  const { deploymentId, reason, now } = command
  const changes = { ...command.changes }
  // Only a rolled back deployment has `rolledBackAt`: correcting the status removes it.
  if (changes.status && changes.status !== 'ROLLED_BACK' && changes.rolledBackAt === undefined)
    changes.rolledBackAt = null
  const corrections = correctableFields.flatMap((field): Correction[] => {
    const before = deployment.record[field]
    const after = changes[field] ?? undefined
    if (changes[field] === undefined || isSame(before, after)) return []
    return [{ field, ...(before !== undefined && { before }), ...(after !== undefined && { after }) }]
  })
  if (corrections.length === 0) return []
  const event: DeploymentCorrected = { type: 'DeploymentCorrected', deploymentId, corrections, reason }
  const corrected = evolveRecord(deployment.record, event)
  // What stays as it was recorded is not checked again: rules of recording may have been added since.
  const changed = (field: CorrectableField) => corrections.some(correction => correction.field === field)
  const errors = [
    ...(changed('deployedAt') ? zeroStart(corrected.deployedAt) : []),
    ...impossibleFacts(corrected, now),
    ...(changed('rollbackOf') ? strayRollback(corrected, command.tenant, contextStreams) : []),
    ...(changed('commits') ? impossibleCommits(corrected.commits, now) : []),
    ...contradictedRemoval(corrected),
  ]
  return ofRecord(refusalOf(errors)) ?? [event]
}

function isSame(a: Correction['before'], b: Correction['after']): boolean {
  return a === b || (a !== undefined && b !== undefined && canonicalJson(a) === canonicalJson(b))
}

/**
 * Marks a deployment, and in the same decision the context streams: the other successes of its span. Otherwise an older deployment of the
 * same tag would become active.
 */
function rollBack(
  command: RollBackDeployment,
  deployment: Deployment,
  contextStreams: ContextStreams,
): Decision<DeploymentRolledBack> {
  if (deployment.state !== 'recorded') return missing(deployment, command)
  const { deploymentId, rolledBackAt, reason, now } = command
  if (deployment.record.status === 'ROLLED_BACK') return alreadyRolledBack(deployment.record)
  if (deployment.record.status === 'CANCELLED') return neverRan(deployment.record)
  if (deployment.record.removedAt !== undefined) return noLongerThere(deployment.record)
  const refused = ofRecord(
    refusalOf(impossibleFacts({ ...deployment.record, status: 'ROLLED_BACK', rolledBackAt }, now)),
  )
  if (refused) return refused
  const mark = (id: string): DeploymentRolledBack => {
    return { type: 'DeploymentRolledBack', deploymentId: id, rolledBackAt, ...(reason !== undefined && { reason }) }
  }
  const otherStreams = [...contextStreams].flatMap(([streamId, other]) => {
    const { state, record } = other as Extract<Deployment, { state: 'recorded' }>
    const isMarked = state === 'recorded' && record.status === 'DEPLOYED' && record.removedAt === undefined
    return isMarked ? [{ streamId, events: [mark(record.id)] }] : []
  })
  return otherStreams.length === 0 ? [mark(deploymentId)] : { events: [mark(deploymentId)], otherStreams }
}

function voidRecord(command: VoidDeployment, deployment: Deployment): Decision<DeploymentVoided> {
  if (deployment.state !== 'recorded') return missing(deployment, command)
  const { deploymentId, reason } = command
  return [{ type: 'DeploymentVoided', deploymentId, reason }]
}

/** The rejection of a command on a deployment that is unknown or voided. */
function missing(
  deployment: Exclude<Deployment, { state: 'recorded' }>,
  { deploymentId }: { deploymentId: string },
): Rejection {
  if (deployment.state === 'absent') return unknownDeployment(deploymentId)
  return refuse('conflict', `deployment ${deploymentId} is voided: record it again under another id`, {
    details: { deploymentId, voided: true },
  })
}

function decide(
  command: DeploymentCommand,
  deployment: Deployment,
  contextStreams: ContextStreams = new Map(),
): Decision<DeploymentEvent> {
  switch (command.type) {
    case 'RecordDeployment':
      return record(command, deployment, contextStreams)
    case 'CompleteDeployment':
      return complete(command, deployment)
    case 'CorrectDeployment':
      return correct(command, deployment, contextStreams)
    case 'RollBackDeployment':
      return rollBack(command, deployment, contextStreams)
    case 'VoidDeployment':
      return voidRecord(command, deployment)
    case 'RemoveDeployment':
      if (deployment.state !== 'recorded') return missing(deployment, command)
      return remove(command, deployment.record)
    default:
      return command satisfies never
  }
}

export const deployment: Decider<Deployment, DeploymentCommand, DeploymentEvent> = {
  category: CATEGORY,
  stateVersion: 6,
  initial: { state: 'absent' },
  evolve,
  decide,
  answer: (deployment, _event, _command, voidedAt) =>
    deployment.state === 'voided' ? { ...deployment, voidedAt } : deployment,
  orderingKey: deployment => (deployment.state === 'absent' ? '' : deployment.record.application),
  indexEntries: deployment => (deployment.state === 'recorded' ? deploymentIndexEntries(deployment.record) : []),
}
