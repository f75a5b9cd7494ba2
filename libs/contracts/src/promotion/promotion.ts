import type {
  ConfigurationChange,
  ConfigurationEntry,
  ConfigurationKind,
  WantedRevision,
} from '../configuration/configuration.js'
import type { Person } from './person.js'

export const promotionTypes = ['FULL', 'SELECTIVE', 'PATTERN'] as const
export type PromotionType = (typeof promotionTypes)[number]

export const promotionStates = [
  'DRAFT',
  'VALIDATED',
  'VALIDATION_FAILED',
  'APPROVED',
  'REJECTED',
  'SCHEDULED',
  'EXECUTED',
  'FAILED',
  'ROLLED_BACK',
  'CANCELLED',
] as const
export type PromotionState = (typeof promotionStates)[number]

/** An image that a promotion requests in its target. */
export interface PromotedImage {
  application: string
  imageTag: string
}

/** The content that a promotion selects. The environments keep the names as sent. */
export interface PromotionRequest {
  sourceEnvironment: string
  targetEnvironment: string
  promotionType: PromotionType
  configIds?: string[]
  flagIds?: string[]
  keyPatterns?: string[]
  deleteRemoved?: boolean
  image?: PromotedImage
  notes?: string
}

/** A differing key, as validated. Without `source` or `target` the key does not exist there. */
export interface PromotedKey {
  kind: ConfigurationKind
  key: string
  source?: ConfigurationEntry
  target?: ConfigurationEntry
  /** Revision of the key in the target, which the execution compares; 0: it never existed. */
  targetRevision: number
}

export interface PromotionFinding {
  severity: 'error' | 'warning'
  key?: string
  detail: string
}

/** A key that changed in the target since the validation or the execution. */
export interface PromotionConflict {
  kind: ConfigurationKind
  key: string
  expectedRevision: number
  actualRevision: number
  /** The promotion that changed it, if one did. */
  promotionId?: string
}

export interface Approval extends Person {
  at: string
  contentHash: string
}

interface PromotionCommandOf<Type extends string> {
  type: Type
  promotionId: string
  now: string
  by: Person
  /** Required version of the promotion. */
  ifMatch?: WantedRevision
}

export interface CreatePromotion extends PromotionCommandOf<'CreatePromotion'> {
  tenant: string
  request: PromotionRequest
}
/** The content of a promotion and its findings, prepared before the transaction that decides. */
export interface CheckedContent {
  content: PromotedKey[]
  contentHash: string
  findings: PromotionFinding[]
}
export interface ValidatePromotion extends PromotionCommandOf<'ValidatePromotion'> {
  /** Omitted if the state does not allow a validation. */
  checked?: CheckedContent
}
export interface ApprovePromotion extends PromotionCommandOf<'ApprovePromotion'> {
  comment?: string
  /** Hash of the content that the approver reviewed. */
  contentHash?: string
}
export type RejectPromotion = PromotionCommandOf<'RejectPromotion'> & { reason?: string }
export interface SchedulePromotion extends PromotionCommandOf<'SchedulePromotion'> {
  at: string
  /** Maximum delay; later the promotion fails. */
  expiresAfter?: string
  overrideFreeze?: string
}
export interface ExecutePromotion extends PromotionCommandOf<'ExecutePromotion'> {
  /** Executed by the scheduler. */
  scheduled?: boolean
  /** Reason for executing it during a freeze. */
  overrideFreeze?: string
}
export interface RollBackPromotion extends PromotionCommandOf<'RollBackPromotion'> {
  reason?: string
  /** Restore keys that changed since, too. */
  force?: boolean
}
export type CancelPromotion = PromotionCommandOf<'CancelPromotion'> & { reason?: string }

export type PromotionCommand =
  | CreatePromotion
  | ValidatePromotion
  | ApprovePromotion
  | RejectPromotion
  | SchedulePromotion
  | ExecutePromotion
  | RollBackPromotion
  | CancelPromotion

interface PromotionEventOf<Type extends string> {
  type: Type
  promotionId: string
  at: string
  by?: Person
}

export interface PromotionCreated extends PromotionEventOf<'PromotionCreated'>, PromotionRequest {
  tenant: string
  by: Person
}
/** Also recorded by an execution that finds changed keys in the target, with `conflicts`. */
export interface PromotionValidated extends PromotionEventOf<'PromotionValidated'> {
  outcome: 'VALIDATED' | 'VALIDATION_FAILED' | 'APPROVED'
  findings: PromotionFinding[]
  conflicts?: PromotionConflict[]
  content?: PromotedKey[]
  contentHash?: string
  /** Number of approvals that it needs. */
  quorum?: number
}
export interface PromotionApproved extends PromotionEventOf<'PromotionApproved'> {
  by: Person
  contentHash: string
  comment?: string
  /** Whether it has all approvals that it needs. */
  quorumReached: boolean
  /** Number of approvals that it needed then. */
  quorum?: number
}
export interface PromotionRejected extends PromotionEventOf<'PromotionRejected'> {
  reason?: string
}
export interface PromotionScheduled extends PromotionEventOf<'PromotionScheduled'> {
  scheduledAt: string
  expiresAfter?: string
  overrideFreeze?: string
}
/** Has each change of the target, before and after. */
export interface PromotionExecuted extends PromotionEventOf<'PromotionExecuted'> {
  sourceEnvironment: string
  targetEnvironment: string
  /** Name of the target in the pipeline at that time: a rollback writes there, even if the environment is renamed later. */
  targetName?: string
  /** Name of the target's configuration stream, if different. */
  configurationName?: string
  changes: ConfigurationChange[]
  contentHash: string
  image?: PromotedImage
  /** Revision of the target's configuration after these changes. */
  targetRevision: number
  overriddenFreeze?: { reason: string; freeze: string }
}
export interface PromotionFailed extends PromotionEventOf<'PromotionFailed'> {
  failure: string
}
export interface PromotionRolledBack extends PromotionEventOf<'PromotionRolledBack'> {
  sourceEnvironment: string
  targetEnvironment: string
  changes: ConfigurationChange[]
  reason?: string
  forced?: boolean
}
export interface PromotionCancelled extends PromotionEventOf<'PromotionCancelled'> {
  reason?: string
}

export type PromotionEvent =
  | PromotionCreated
  | PromotionValidated
  | PromotionApproved
  | PromotionRejected
  | PromotionScheduled
  | PromotionExecuted
  | PromotionFailed
  | PromotionRolledBack
  | PromotionCancelled
