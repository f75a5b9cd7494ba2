import {
  type Alongside,
  correctableFields,
  evolveRecord,
  refuse,
  resolveEnvironment,
  streamIdOf,
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
import {
  blankEnvironment,
  impossibleCommits,
  impossibleFacts,
  refusalOf,
  strayFailureReason,
  zeroStart,
  type FieldError,
} from './deployment-facts.js'
import { deploymentIndexEntries } from './deployment-index.js'
import { pipeline, type PromotionRules } from './pipeline.js'
import { rulesStream } from './promotion.js'

const CATEGORY = 'deployment'

export type Deployment = { state: 'absent' } | { state: 'recorded'; record: DeploymentRecord }

function evolve(deployment: Deployment, event: DeploymentEvent): Deployment {
  const before = deployment.state === 'recorded' ? deployment.record : undefined
  return { state: 'recorded', record: evolveRecord(before, event) }
}

/** Streams that recording a deployment looks at: what it says that it undoes, and which names the tenant's pipeline has for environments. */
export function readsOfRecording({ tenant, facts: { rollbackOf } }: RecordDeployment): string[] {
  return rollbackOf === undefined ? [] : [deploymentStream(tenant, rollbackOf), rulesStream(tenant)]
}

function deploymentStream(tenant: string, id: string): string {
  return streamIdOf(CATEGORY, tenant, id)
}

function record(command: RecordDeployment, deployment: Deployment, alongside: Alongside): Decision<DeploymentRecorded> {
  if (deployment.state === 'recorded') {
    return refuse('unprocessable', `a deployment ${command.deploymentId} is recorded already, with other facts`, {
      errors: [{ pointer: '/id', detail: 'names a deployment that is recorded already; correct that one instead' }],
    })
  }
  const { deploymentId, facts, now } = command
  const errors = [
    ...blankEnvironment(facts),
    ...zeroStart(facts.deployedAt),
    ...impossibleFacts(facts, now),
    ...strayFailureReason(facts),
    ...strayRollback(command, alongside),
    ...impossibleCommits(facts.commits, now),
  ]
  return refusalOf(errors) ?? [{ type: 'DeploymentRecorded', deploymentId, ...facts }]
}

/** One whose id is not known yet is taken: whether it is undone is judged when it arrives. */
function strayRollback({ deploymentId, tenant, facts }: RecordDeployment, alongside: Alongside): FieldError[] {
  const { rollbackOf, application, environment } = facts
  if (rollbackOf === undefined) return []
  const pointer = '/rollbackOf'
  if (rollbackOf === deploymentId) return [{ pointer, detail: 'is its own id: a deployment cannot undo itself' }]
  const named = alongside.get(deploymentStream(tenant, rollbackOf)) as Deployment | undefined
  if (named?.state !== 'recorded') return []
  const rules = (alongside.get(rulesStream(tenant)) as PromotionRules | undefined) ?? pipeline.initial
  const nameOf = (name: string) => resolveEnvironment(rules.pipeline, name)
  const { record } = named
  if (record.application === application && nameOf(record.environment) === nameOf(environment)) return []
  const detail =
    `names a deployment of application ${record.application} in environment ${record.environment}: it must be one of ` +
    `${application} in ${environment}`
  return [{ pointer, detail, dependsOnState: true }]
}

function complete(command: CompleteDeployment, deployment: Deployment): Decision<DeploymentCompleted> {
  if (deployment.state === 'absent') return unknown(command.deploymentId)
  const { deploymentId, status, completedAt, reason, now } = command
  if (deployment.record.status !== 'PENDING') {
    const detail = `deployment ${deploymentId} is ${deployment.record.status}: only a PENDING one can be completed`
    return refuse('conflict', detail, { details: { deploymentStatus: deployment.record.status } })
  }
  return (
    ofRecord(refusalOf(impossibleFacts({ ...deployment.record, status, completedAt }, now))) ?? [
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
  const corrected = evolveRecord(deployment.record, event)
  const moved = corrected.deployedAt !== deployment.record.deployedAt
  const errors = [...(moved ? zeroStart(corrected.deployedAt) : []), ...impossibleFacts(corrected, now)]
  return ofRecord(refusalOf(errors)) ?? [event]
}

/**
 * Marks a deployment, and those alongside in the same decision: the other successes of the unbroken span in which its tag runs. Without these
 * the tag would go on running, by an older deployment.
 */
function rollBack(
  command: RollBackDeployment,
  deployment: Deployment,
  alongside: Alongside,
): Decision<DeploymentRolledBack> {
  if (deployment.state === 'absent') return unknown(command.deploymentId)
  const { deploymentId, rolledBackAt, reason, now } = command
  if (deployment.record.status === 'ROLLED_BACK') return alreadyRolledBack(deployment.record)
  const refused = ofRecord(
    refusalOf(impossibleFacts({ ...deployment.record, status: 'ROLLED_BACK', rolledBackAt }, now)),
  )
  if (refused) return refused
  const mark = (id: string): DeploymentRolledBack => {
    return { type: 'DeploymentRolledBack', deploymentId: id, rolledBackAt, ...(reason !== undefined && { reason }) }
  }
  const elsewhere = [...alongside].flatMap(([streamId, other]) => {
    const { state, record } = other as Extract<Deployment, { state: 'recorded' }>
    return state === 'recorded' && record.status === 'DEPLOYED' ? [{ streamId, events: [mark(record.id)] }] : []
  })
  return elsewhere.length === 0 ? [mark(deploymentId)] : { events: [mark(deploymentId)], elsewhere }
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

/** A refusal that follows from what is recorded, which can be corrected. */
function ofRecord(rejection: Rejection | undefined): Rejection | undefined {
  return rejection && { ...rejection, dependsOnState: true }
}

function decide(
  command: DeploymentCommand,
  deployment: Deployment,
  alongside: Alongside = new Map(),
): Decision<DeploymentEvent> {
  switch (command.type) {
    case 'RecordDeployment':
      return record(command, deployment, alongside)
    case 'CompleteDeployment':
      return complete(command, deployment)
    case 'CorrectDeployment':
      return correct(command, deployment)
    case 'RollBackDeployment':
      return rollBack(command, deployment, alongside)
    default:
      return command satisfies never
  }
}

/** The decider of a deployment: who may do what to it, from being recorded on. */
export const deployment: Decider<Deployment, DeploymentCommand, DeploymentEvent> = {
  category: CATEGORY,
  stateVersion: 2,
  initial: { state: 'absent' },
  evolve,
  decide,
  orderingKey: deployment => (deployment.state === 'recorded' ? deployment.record.application : ''),
  indexEntries: deployment => (deployment.state === 'recorded' ? deploymentIndexEntries(deployment.record) : []),
}
