/** Outcome of a deployment. Whether it is active depends on other deployments too. */
export const deploymentStatuses = ['PENDING', 'DEPLOYED', 'FAILED', 'ROLLED_BACK'] as const
export type DeploymentStatus = (typeof deploymentStatuses)[number]

export const defaultApplication = 'platform'

export interface Commit {
  sha: string
  committedAt: string
  author?: string
}

export interface Migration {
  id: string
  description?: string
  reversible?: boolean
  backwardCompatible?: boolean
}

export interface PipelineRun {
  name?: string
  runId?: string
  url?: string
}

/** The facts of a deployment when it is recorded. Instants are RFC 3339 in UTC. */
export interface DeploymentFacts {
  application: string
  environment: string
  imageTag: string
  image?: string
  gitCommit?: string
  gitBranch?: string
  status: DeploymentStatus
  /** Start. */
  deployedAt: string
  completedAt?: string
  rolledBackAt?: string
  rollbackReason?: string
  /** The deployment that this one rolls back, as reported. */
  rollbackOf?: string
  failureReason?: string
  actor?: string
  pipeline?: PipelineRun
  commits?: Commit[]
  notes?: string
  migrations?: Migration[]
  unplanned?: boolean
  labels?: Record<string, string>
  /** Name of the freeze that was active at its start, by the freezes at the time of recording. */
  duringFreeze?: string
}

/** The facts that a correction may change: none that would move the deployment to another slot. */
export interface CorrectableFacts {
  deployedAt?: string
  completedAt?: string | null
  rolledBackAt?: string | null
  gitCommit?: string | null
  gitBranch?: string | null
  status?: DeploymentStatus
  unplanned?: boolean | null
  notes?: string | null
}

export const correctableFields = [
  'deployedAt',
  'completedAt',
  'rolledBackAt',
  'gitCommit',
  'gitBranch',
  'status',
  'unplanned',
  'notes',
] as const satisfies (keyof CorrectableFacts)[]

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
  status: 'DEPLOYED' | 'FAILED'
  completedAt: string
  /** `failureReason` of a failed deployment. */
  reason?: string
}

export interface CorrectDeployment {
  type: 'CorrectDeployment'
  deploymentId: string
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

export type DeploymentCommand = RecordDeployment | CompleteDeployment | CorrectDeployment | RollBackDeployment

export interface DeploymentRecorded extends DeploymentFacts {
  type: 'DeploymentRecorded'
  deploymentId: string
}

export interface DeploymentCompleted {
  type: 'DeploymentCompleted'
  deploymentId: string
  status: 'DEPLOYED' | 'FAILED'
  completedAt: string
  reason?: string
}

/** A corrected field. Without `before` it had no value; without `after` it has none now. */
export interface Correction {
  field: keyof CorrectableFacts
  before?: string | boolean
  after?: string | boolean
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

export type DeploymentEvent = DeploymentRecorded | DeploymentCompleted | DeploymentCorrected | DeploymentRolledBack
