import type { Person } from './person.js'
import type { Approval, PromotionConflict, PromotionFinding, PromotionRequest, PromotionState } from './promotion.js'

/** What can be done with a promotion, and in which states. A SCHEDULED one executes by itself only. */
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

/** The actions that a state allows, by the table alone. */
export function allowedActions(state: PromotionState): PromotionAction[] {
  const actions = Object.entries(promotionActions) as [PromotionAction, readonly PromotionState[]][]
  return actions.filter(([, states]) => states.includes(state)).map(([action]) => action)
}

/** What an answer tells of a promotion. */
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

/** When it was begun in the log, the position of its last event, and how many events it has. */
export interface PromotionPlace {
  recordedAt: string
  /** `<partition>:<seq>`; left out before it was read back. */
  position?: string
  version: number
}

/** A promotion as every answer shows it: in the documented order; JSON leaves out what is undefined. */
export function presentPromotion(
  facts: PromotionFacts,
  { recordedAt, position, version }: PromotionPlace,
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
