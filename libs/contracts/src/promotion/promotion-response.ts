import type { Person } from './person.js'
import type { Approval, PromotionConflict, PromotionFinding, PromotionRequest, PromotionState } from './promotion.js'

/** The actions on a promotion, with the states that allow them. Only the scheduler executes a SCHEDULED promotion. */
export const promotionActions = {
  validate: ['DRAFT', 'VALIDATED', 'VALIDATION_FAILED'],
  approve: ['VALIDATED'],
  reject: ['VALIDATED'],
  schedule: ['APPROVED', 'SCHEDULED'],
  execute: ['APPROVED'],
  rollback: ['EXECUTED'],
  cancel: ['DRAFT', 'VALIDATED', 'VALIDATION_FAILED', 'APPROVED', 'SCHEDULED'],
} as const satisfies Record<string, readonly PromotionState[]>

export type PromotionAction = keyof typeof promotionActions

/** The actions that a state allows. */
export function allowedActions(state: PromotionState): PromotionAction[] {
  const actions = Object.entries(promotionActions) as [PromotionAction, readonly PromotionState[]][]
  return actions.filter(([, states]) => states.includes(state)).map(([action]) => action)
}

/** The part of a promotion that responses have. */
export interface PromotionFacts {
  id: string
  state: PromotionState
  request: PromotionRequest
  author: Person
  createdAt: string
  contentHash?: string
  quorum?: number
  approvals: Approval[]
  conflicts: PromotionConflict[]
  findings: PromotionFinding[]
  scheduledAt?: string
  expiresAfter?: string
  executed?: { at: string }
  failure?: string
}

/** Where a promotion is in the log: the time of its first event, the position of its last event, and the number of its events. */
export interface PromotionMetadata {
  recordedAt: string
  /** `<partition>:<seq>`; omitted while it is unknown. */
  position?: string
  version: number
}

/** A promotion as a response body, in the order of the API document. JSON.stringify omits undefined members. */
export function presentPromotion(
  facts: PromotionFacts,
  { recordedAt, position, version }: PromotionMetadata,
): Record<string, unknown> {
  const { id, request, state, author, createdAt } = facts
  return {
    id,
    sourceEnvironment: request.sourceEnvironment,
    targetEnvironment: request.targetEnvironment,
    promotionType: request.promotionType,
    configIds: request.configIds,
    flagIds: request.flagIds,
    keyPatterns: request.keyPatterns,
    deleteRemoved: request.deleteRemoved,
    image: request.image,
    notes: request.notes,
    state,
    createdAt,
    createdBy: Object.keys(author).length > 0 ? author : undefined,
    contentHash: facts.contentHash,
    quorum: facts.quorum,
    approvals: facts.approvals,
    conflicts: facts.conflicts,
    findings: facts.findings,
    allowedActions: allowedActions(state),
    scheduledAt: facts.scheduledAt,
    expiresAfter: facts.expiresAfter,
    executedAt: facts.executed?.at,
    failure: facts.failure,
    recordedAt,
    position,
    version,
  }
}
