import {
  comparedName,
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
import { configurationName } from './configuration-name.js'
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
  /** Ids and addresses that were told together by whoever acted on it, each pair once. */
  identities?: Person[]
  /** How many events led here: what `If-Match` names. */
  version: number
  scheduledAt?: string
  scheduledBy?: Person
  expiresAfter?: string
  overrideFreeze?: string
  /** `targetName`: what the pipeline called the target then; `configurationName`: the name of its configuration, where that is another one. */
  executed?: {
    at: string
    targetName?: string
    configurationName?: string
    targetRevision: number
    changes: ConfigurationChange[]
  }
  failure?: string
}

export type Promotion = { state: 'ABSENT' } | KnownPromotion

export const absentPromotion: Promotion = { state: 'ABSENT' }

/** Applies one event. Throws for an impossible order. */
export function evolvePromotion(before: Promotion, event: PromotionEvent): KnownPromotion {
  if (event.type === 'PromotionCreated') {
    const { type: _, promotionId, tenant, at, by, ...request } = event
    const nothing = { findings: [], conflicts: [], approvals: [], version: 1 }
    return { id: promotionId, tenant, state: 'DRAFT', request, author: by, createdAt: at, ...nothing }
  }
  if (before.state === 'ABSENT') throw new Error(`${event.type} of ${event.promotionId}, which was never created`)
  const promotion = { ...before, version: before.version + 1, ...identitiesWith(before, event.by) }
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
      // Also of one that was APPROVED, where the pipeline asks for more people since.
      const state = event.quorumReached ? 'APPROVED' : 'VALIDATED'
      return { ...promotion, state, approvals, ...(event.quorum !== undefined && { quorum: event.quorum }) }
    }
    case 'PromotionScheduled': {
      const { scheduledAt, expiresAfter, overrideFreeze, by } = event
      return { ...promotion, state: 'SCHEDULED', scheduledAt, expiresAfter, overrideFreeze, scheduledBy: by }
    }
    case 'PromotionExecuted': {
      const { at, targetName, configurationName, targetRevision, changes } = event
      const target = { targetName, ...(configurationName !== undefined && { configurationName }) }
      return { ...promotion, state: 'EXECUTED', executed: { at, ...target, targetRevision, changes } }
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

function identitiesWith({ identities = [] }: KnownPromotion, by: Person = {}): Pick<KnownPromotion, 'identities'> {
  return isNewIdentity(identities, by) ? { identities: [...identities, by] } : {}
}

/** Whether an act tells an id and an address of one person that were not told together before. */
export function isNewIdentity(identities: readonly Person[], { userId, userEmail }: Person): boolean {
  if (userId === undefined || userEmail === undefined) return false
  const [id, email] = [comparedName(userId), comparedName(userEmail)]
  if (id === email) return false
  return !identities.some(known => comparedName(known.userId!) === id && comparedName(known.userEmail!) === email)
}

/** What the pipeline calls the target of a promotion; once it is executed, what it was called then. */
export function targetName(
  { request, executed }: Pick<KnownPromotion, 'request' | 'executed'>,
  { pipeline }: PromotionRules,
): string {
  return executed?.targetName ?? resolveEnvironment(pipeline, request.targetEnvironment)
}

/** The name of its target's configuration; once it is executed, of the one that it has changed. */
export function targetConfiguration(
  { request, executed }: Pick<KnownPromotion, 'request' | 'executed'>,
  rules: PromotionRules,
): string {
  return executed?.configurationName ?? executed?.targetName ?? configurationName(rules, request.targetEnvironment)
}
