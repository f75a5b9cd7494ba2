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
