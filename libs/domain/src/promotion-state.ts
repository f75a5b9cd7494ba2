import {
  resolveEnvironment,
  type Approval,
  type ConfigurationChange,
  type Person,
  type PromotedKey,
  type PromotionConflict,
  type PromotionEvent,
  type PromotionFinding,
  type PromotionRequest,
  type PromotionState,
} from '#libs/contracts'
import type { PromotionRules } from './pipeline.js'

/** A promotion as its events tell it. */
export interface KnownPromotion {
  id: string
  tenant: string
  state: PromotionState
  request: PromotionRequest
  author: Person
  createdAt: string
  findings: PromotionFinding[]
  conflicts: PromotionConflict[]
  /** What was validated, and what executing writes. */
  content?: PromotedKey[]
  contentHash?: string
  /** How many people must approve it. */
  quorum?: number
  /** Of the present content. */
  approvals: Approval[]
  scheduledAt?: string
  scheduledBy?: Person
  expiresAfter?: string
  overrideFreeze?: string
  /** `targetName`: what the pipeline called the target then. */
  executed?: { at: string; targetName?: string; targetRevision: number; changes: ConfigurationChange[] }
  failure?: string
}

export type Promotion = { state: 'ABSENT' } | KnownPromotion

export const absentPromotion: Promotion = { state: 'ABSENT' }

/** Applies one event. Throws for an impossible order. */
export function evolvePromotion(promotion: Promotion, event: PromotionEvent): KnownPromotion {
  if (event.type === 'PromotionCreated') {
    const { type: _, promotionId, tenant, at, by, ...request } = event
    const nothing = { findings: [], conflicts: [], approvals: [] }
    return { id: promotionId, tenant, state: 'DRAFT', request, author: by, createdAt: at, ...nothing }
  }
  if (promotion.state === 'ABSENT') throw new Error(`${event.type} of ${event.promotionId}, which was never created`)
  switch (event.type) {
    case 'PromotionValidated': {
      const { outcome, findings, conflicts = [], content, contentHash, quorum } = event
      const approvals = promotion.approvals.filter(approval => approval.contentHash === contentHash)
      const anew = {
        scheduledAt: undefined,
        scheduledBy: undefined,
        expiresAfter: undefined,
        overrideFreeze: undefined,
      }
      return { ...promotion, ...anew, state: outcome, findings, conflicts, content, contentHash, quorum, approvals }
    }
    case 'PromotionApproved': {
      const approval = { ...event.by, at: event.at, contentHash: event.contentHash }
      const approvals = [...promotion.approvals, approval]
      return { ...promotion, state: event.quorumReached ? 'APPROVED' : promotion.state, approvals }
    }
    case 'PromotionScheduled': {
      const { scheduledAt, expiresAfter, overrideFreeze, by } = event
      return { ...promotion, state: 'SCHEDULED', scheduledAt, expiresAfter, overrideFreeze, scheduledBy: by }
    }
    case 'PromotionExecuted': {
      const { at, targetName, targetRevision, changes } = event
      return { ...promotion, state: 'EXECUTED', executed: { at, targetName, targetRevision, changes } }
    }
    case 'PromotionFailed':
      return { ...promotion, state: 'FAILED', failure: event.failure }
    case 'PromotionRejected':
      return { ...promotion, state: 'REJECTED' }
    case 'PromotionRolledBack':
      return { ...promotion, state: 'ROLLED_BACK' }
    case 'PromotionCancelled':
      return { ...promotion, state: 'CANCELLED' }
    default:
      return event satisfies never
  }
}

/** What the pipeline calls the target of a promotion; once it is executed, what it was called then. */
export function targetName(
  { request, executed }: Pick<KnownPromotion, 'request' | 'executed'>,
  { pipeline }: PromotionRules,
): string {
  return executed?.targetName ?? resolveEnvironment(pipeline, request.targetEnvironment)
}

/** Whether two acts are one person's: by user id, else by e-mail address. Where in doubt, they are. */
export function samePerson(a: Person, b: Person): boolean {
  if (a.userId !== undefined && b.userId !== undefined) return a.userId === b.userId
  // Who is known by an address alone may have it as a user id elsewhere.
  const names = namesOf(a)
  return namesOf(b).some(name => names.includes(name))
}

function namesOf({ userId, userEmail }: Person): string[] {
  return [userId, userEmail].flatMap(name => (name === undefined ? [] : [name.toLowerCase()]))
}
