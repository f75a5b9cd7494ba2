import { plain } from './configuration.js'
import type { RawRecord } from './log-reader.js'

/** A promotion as its own events tell it. */
export interface Promotion {
  id: string
  state: string
  /** Who approved what is approved now. */
  approvals: string[]
  /** What was done, in order. */
  trail: { type: string; by?: string; at: string }[]
  contentHash?: string
  conflicts: string[]
  failure?: string
  /** When it was last to execute by itself. */
  scheduledAt?: string
}

const states: Record<string, string> = {
  created: 'DRAFT',
  rejected: 'REJECTED',
  scheduled: 'SCHEDULED',
  executed: 'EXECUTED',
  failed: 'FAILED',
  rolledback: 'ROLLED_BACK',
  cancelled: 'CANCELLED',
}

interface Data {
  promotionId: string
  at: string
  by?: { userId?: string; userEmail?: string }
  outcome?: string
  contentHash?: string
  quorumReached?: boolean
  conflicts?: { key: string }[]
  failure?: string
  scheduledAt?: string
}

/** Folds the events of a tenant's promotions, by id. Throws where one was never created. */
export function foldPromotions(records: RawRecord[], tenant: string): Map<string, Promotion> {
  const promotions = new Map<string, Promotion>()
  for (const { headers, value } of records) {
    const [, type] = /^io\.shiplog\.promotion\.(\w+)\.v1$/.exec(headers['ce_type'] ?? '') ?? []
    if (type === undefined || headers['ce_tenant'] !== tenant) continue
    const data = JSON.parse(value) as Data
    const { promotionId: id, at } = data
    if (type === 'created') promotions.set(id, { id, state: 'DRAFT', approvals: [], trail: [], conflicts: [] })
    const promotion = promotions.get(id)
    if (!promotion) throw new Error(`promotion ${id} was ${type}, and never created`)
    const by = data.by?.userId ?? data.by?.userEmail
    promotion.trail.push({ type, ...(by !== undefined && { by }), at })
    promotion.state = states[type] ?? promotion.state
    if (type === 'validated') validated(promotion, data)
    if (type === 'approved') promotion.approvals.push(by ?? '')
    if (data.quorumReached) promotion.state = 'APPROVED'
    if (data.failure !== undefined) promotion.failure = data.failure
    if (data.scheduledAt !== undefined) promotion.scheduledAt = data.scheduledAt
  }
  return promotions
}

function validated(promotion: Promotion, { outcome = '', contentHash, conflicts = [] }: Data) {
  if (contentHash === undefined || contentHash !== promotion.contentHash) promotion.approvals = []
  promotion.contentHash = contentHash
  promotion.conflicts = conflicts.map(({ key }) => key)
  promotion.state = outcome
}

/**
 * What is wrong between promotions and what they changed: each that was executed or rolled back and changed anything has exactly one
 * event in its target's stream, with the same changes, and no other event names it.
 */
export function findUnmatchedChanges(records: RawRecord[], tenant: string): string[] {
  const ours = records.filter(({ headers }) => headers['ce_tenant'] === tenant)
  const told = new Map<string, string>()
  const done = new Map<string, string>()
  const findings: string[] = []
  const note = (place: Map<string, string>, what: string, changes: unknown) => {
    if (place.has(what)) findings.push(`${what} is there twice`)
    place.set(what, plain(changes))
  }
  for (const { headers, value } of ours) {
    const data = JSON.parse(value) as {
      promotionId?: string
      changes?: unknown[]
      cause?: { promotionId: string; action: string }
    }
    const [, action] = /^io\.shiplog\.promotion\.(executed|rolledback)\.v1$/.exec(headers['ce_type'] ?? '') ?? []
    if (action && data.changes!.length > 0) note(told, `${data.promotionId} ${action}`, data.changes)
    if (data.cause) note(done, `${data.cause.promotionId} ${data.cause.action}`, data.changes)
  }
  for (const what of new Set([...told.keys(), ...done.keys()])) {
    if (told.get(what) !== done.get(what)) findings.push(`${what} says other changes than its target`)
  }
  return findings
}
