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
import { configurationName } from '../configuration/configuration-name.js'
import type { PipelineSettings } from '../pipeline/pipeline.js'

/** The state of a promotion. */
export interface ExistingPromotion {
  id: string
  tenant: string
  state: PromotionState
  request: PromotionRequest
  author: Person
  createdAt: string
  findings: PromotionFinding[]
  conflicts: PromotionConflict[]
  /** The validated content, which the execution writes. */
  content?: PromotedKey[]
  contentHash?: string
  /** Number of people who must approve it. */
  quorum?: number
  /** Approvals of the present content. */
  approvals: Approval[]
  /** Distinct pairs of user id and e-mail address of the people who acted on it. */
  identities?: Person[]
  /** Number of its events, which `If-Match` compares. */
  version: number
  scheduledAt?: string
  scheduledBy?: Person
  expiresAfter?: string
  overrideFreeze?: string
  /** `targetName`: name of the target in the pipeline at that time; `configurationName`: name of its configuration stream, if different. */
  executed?: {
    at: string
    targetName?: string
    configurationName?: string
    targetRevision: number
    changes: ConfigurationChange[]
  }
  failure?: string
}

export type Promotion = { state: 'ABSENT' } | ExistingPromotion

export const absentPromotion: Promotion = { state: 'ABSENT' }

/** Applies one event. Throws if the promotion was not created before. */
export function evolvePromotion(before: Promotion, event: PromotionEvent): ExistingPromotion {
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
      const cleared = {
        scheduledAt: undefined,
        scheduledBy: undefined,
        expiresAfter: undefined,
        overrideFreeze: undefined,
      }
      return { ...promotion, ...cleared, state: outcome, findings, conflicts, content, contentHash, quorum, approvals }
    }
    case 'PromotionApproved': {
      const approval = { ...event.by, at: event.at, contentHash: event.contentHash }
      const approvals = [...promotion.approvals, approval]
      // Also from APPROVED, if the pipeline requires more people since.
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

function identitiesWith(
  { identities = [] }: ExistingPromotion,
  by: Person = {},
): Pick<ExistingPromotion, 'identities'> {
  return isNewIdentity(identities, by) ? { identities: [...identities, by] } : {}
}

/** Whether a person has both an id and an address, and this pair is new. */
export function isNewIdentity(identities: readonly Person[], { userId, userEmail }: Person): boolean {
  if (userId === undefined || userEmail === undefined) return false
  const [id, email] = [comparedName(userId), comparedName(userEmail)]
  if (id === email) return false
  return !identities.some(known => comparedName(known.userId!) === id && comparedName(known.userEmail!) === email)
}

/** The name of the target in the pipeline; after the execution, the name at that time. */
export function targetName(
  { request, executed }: Pick<ExistingPromotion, 'request' | 'executed'>,
  { pipeline }: PipelineSettings,
): string {
  return executed?.targetName ?? resolveEnvironment(pipeline, request.targetEnvironment)
}

/** The name of the target's configuration stream; after the execution, of the stream that it changed. */
export function targetConfiguration(
  { request, executed }: Pick<ExistingPromotion, 'request' | 'executed'>,
  settings: PipelineSettings,
): string {
  return executed?.configurationName ?? executed?.targetName ?? configurationName(settings, request.targetEnvironment)
}
