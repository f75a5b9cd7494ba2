/** The seed's `status`: how the attempt ended. Whether it is what runs now (`active`) is another question. */
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

/** What is said about a deployment when it is recorded. Instants are RFC 3339 in UTC. */
export interface DeploymentFacts {
  application: string
  environment: string
  imageTag: string
  image?: string
  gitCommit?: string
  gitBranch?: string
  status: DeploymentStatus
  /** The start of the deployment. */
  deployedAt: string
  completedAt?: string
  rolledBackAt?: string
  rollbackReason?: string
  /** The deployment that this one undoes, as the pipeline reports it. */
  rollbackOf?: string
  /** Why it failed. */
  failureReason?: string
  actor?: string
  pipeline?: PipelineRun
  commits?: Commit[]
  notes?: string
  migrations?: Migration[]
  unplanned?: boolean
  labels?: Record<string, string>
  /** Name of the freeze that it began in, as the freezes were when it was recorded. */
  duringFreeze?: string
}

/** What a correction may change: nothing that would move the record to another application or environment. */
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
  /** Whose it is: what it undoes is looked for among the streams of that tenant. */
  tenant: string
  /** When the command was received: what "in the future" is measured against. */
  now: string
  facts: DeploymentFacts
}

export interface CompleteDeployment {
  type: 'CompleteDeployment'
  deploymentId: string
  now: string
  status: 'DEPLOYED' | 'FAILED'
  completedAt: string
  /** Of a failure: `failureReason` of the record. */
  reason?: string
}

export interface CorrectDeployment {
  type: 'CorrectDeployment'
  deploymentId: string
  now: string
  /** `null` takes a value away. */
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

/** One corrected field; a side that is absent had, or has, no value. */
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
