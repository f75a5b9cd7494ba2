import type { ConfigurationChange, ConfigurationEntry, ConfigurationKind, WantedRevision } from './configuration.js'
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

/** An image that a promotion asks for in its target. */
export interface PromotedImage {
  application: string
  imageTag: string
}

/** What a promotion is to move. The environments keep the names that were sent. */
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

/** One key that differs, as it was validated; a side that is absent is not there. */
export interface PromotedKey {
  kind: ConfigurationKind
  key: string
  source?: ConfigurationEntry
  target?: ConfigurationEntry
  /** Revision of the key in the target, 0 where it never was there: what executing compares. */
  targetRevision: number
}

export interface PromotionFinding {
  severity: 'error' | 'warning'
  key?: string
  detail: string
}

/** A key of the target that was changed by somebody else. */
export interface PromotionConflict {
  kind: ConfigurationKind
  key: string
  expectedRevision: number
  actualRevision: number
  /** The promotion that was executed into it since, if one was. */
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
  /** The version that the promotion must have. */
  ifMatch?: WantedRevision
}

export interface CreatePromotion extends PromotionCommandOf<'CreatePromotion'> {
  tenant: string
  request: PromotionRequest
}
/** What a promotion is to move, and what speaks against it: checked before the decision, which does not wait for it. */
export interface CheckedContent {
  content: PromotedKey[]
  contentHash: string
  findings: PromotionFinding[]
}
export interface ValidatePromotion extends PromotionCommandOf<'ValidatePromotion'> {
  /** Left out where the promotion is in no state to be validated. */
  checked?: CheckedContent
}
export interface ApprovePromotion extends PromotionCommandOf<'ApprovePromotion'> {
  comment?: string
  /** Of the content that its author saw. */
  contentHash?: string
}
export type RejectPromotion = PromotionCommandOf<'RejectPromotion'> & { reason?: string }
export interface SchedulePromotion extends PromotionCommandOf<'SchedulePromotion'> {
  at: string
  /** A promotion that could not begin by then fails. */
  expiresAfter?: string
  overrideFreeze?: string
}
export interface ExecutePromotion extends PromotionCommandOf<'ExecutePromotion'> {
  /** Due, and executed by itself. */
  scheduled?: boolean
  /** Why it is executed in a freeze all the same. */
  overrideFreeze?: string
}
export interface RollBackPromotion extends PromotionCommandOf<'RollBackPromotion'> {
  reason?: string
  /** Also keys that somebody changed since. */
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
/** Also what executing comes to when the target was changed meanwhile: `conflicts` then says where. */
export interface PromotionValidated extends PromotionEventOf<'PromotionValidated'> {
  outcome: 'VALIDATED' | 'VALIDATION_FAILED' | 'APPROVED'
  findings: PromotionFinding[]
  conflicts?: PromotionConflict[]
  content?: PromotedKey[]
  contentHash?: string
  /** Approvals that are needed. */
  quorum?: number
}
export interface PromotionApproved extends PromotionEventOf<'PromotionApproved'> {
  by: Person
  contentHash: string
  comment?: string
  /** Whether this was the last approval that was needed. */
  quorumReached: boolean
  /** Approvals that were needed then. */
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
/** What was asked for in the first place: exactly what changed in the target, before and after. */
export interface PromotionExecuted extends PromotionEventOf<'PromotionExecuted'> {
  sourceEnvironment: string
  targetEnvironment: string
  /** What the pipeline called the target then: a rollback goes there, whatever it calls it later. */
  targetName?: string
  /** The name of the target's configuration, where that is another one. */
  configurationName?: string
  changes: ConfigurationChange[]
  contentHash: string
  image?: PromotedImage
  /** Revision of the target's configuration with these changes. */
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
