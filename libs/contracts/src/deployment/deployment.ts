import type { CorrectableField, FieldValue, FieldValues, RecordedField, RequiredField } from './field-types.js'

export const defaultApplication = 'platform'

export type DeploymentStatus = FieldValue<'status'>
export type Commit = FieldValue<'commits'>[number]
export type Migration = FieldValue<'migrations'>[number]

/** The facts of a deployment when it is recorded. Instants are RFC 3339 in UTC. */
export type DeploymentFacts = FieldValues<Exclude<RecordedField, 'id'>>

/** The facts that a correction changes; `null` removes a value. */
export type CorrectableFacts = {
  [F in CorrectableField]?: FieldValue<F> | (F extends RequiredField ? never : null)
}

/** How a pending deployment ends. */
export type CompletedStatus = Extract<DeploymentStatus, 'DEPLOYED' | 'FAILED' | 'CANCELLED'>

export interface RecordDeployment {
  type: 'RecordDeployment'
  deploymentId: string
  /** `rollbackOf` is looked up in the streams of this tenant. */
  tenant: string
  /** Time of receipt. Facts may be at most 24 h later. */
  now: string
  facts: DeploymentFacts
}

export interface CompleteDeployment {
  type: 'CompleteDeployment'
  deploymentId: string
  now: string
  status: CompletedStatus
  completedAt: string
  /** `failureReason` of a deployment that failed or was cancelled. */
  reason?: string
}

export interface CorrectDeployment {
  type: 'CorrectDeployment'
  deploymentId: string
  /** A corrected `rollbackOf` is looked up in the streams of this tenant. */
  tenant: string
  now: string
  /** `null` removes a value. */
  changes: CorrectableFacts
  reason: string
}

export interface RollBackDeployment {
  type: 'RollBackDeployment'
  deploymentId: string
  now: string
  rolledBackAt: string
  reason?: string
}

export interface RemoveDeployment {
  type: 'RemoveDeployment'
  deploymentId: string
  now: string
  /** Default: now, or the finish if that is later. */
  removedAt?: string
  reason?: string
}

export interface VoidDeployment {
  type: 'VoidDeployment'
  deploymentId: string
  now: string
  reason: string
}

export type DeploymentCommand =
  RecordDeployment | CompleteDeployment | CorrectDeployment | RollBackDeployment | RemoveDeployment | VoidDeployment

export interface DeploymentRecorded extends DeploymentFacts {
  type: 'DeploymentRecorded'
  deploymentId: string
}

export interface DeploymentCompleted {
  type: 'DeploymentCompleted'
  deploymentId: string
  status: CompletedStatus
  completedAt: string
  reason?: string
}

/** A corrected field. Without `before` it had no value; without `after` it has none now. */
export interface Correction {
  field: CorrectableField
  before?: FieldValue<CorrectableField>
  after?: FieldValue<CorrectableField>
}

export interface DeploymentCorrected {
  type: 'DeploymentCorrected'
  deploymentId: string
  corrections: Correction[]
  reason: string
}

export interface DeploymentRolledBack {
  type: 'DeploymentRolledBack'
  deploymentId: string
  rolledBackAt: string
  reason?: string
}

/** From then on nothing is active in its application and environment, until the next success. */
export interface DeploymentRemoved {
  type: 'DeploymentRemoved'
  deploymentId: string
  removedAt: string
  reason?: string
}

/** The record was a mistake: from then on nothing counts the deployment. No other event follows. */
export interface DeploymentVoided {
  type: 'DeploymentVoided'
  deploymentId: string
  reason: string
}

export type DeploymentEvent =
  | DeploymentRecorded
  | DeploymentCompleted
  | DeploymentCorrected
  | DeploymentRolledBack
  | DeploymentRemoved
  | DeploymentVoided
