import { plain } from './configuration.js'
import type { RawRecord } from '../log/log-reader.js'
import { countPeople, type Named } from './people.js'
import { defaultRules, environmentOf, type Rules } from './rules.js'

/** A promotion as the events of its tenant tell it. */
export interface Promotion {
  id: string
  /** As it stands by the pipeline that the tenant has in the end. */
  state: string
  /** Who approved what is approved now. */
  approvals: string[]
  /** What was done, in order. */
  trail: { type: string; by?: string; at: string }[]
  contentHash?: string
  conflicts: string[]
  failure?: string
  /** When it was last due to execute automatically. */
  scheduledAt?: string
  /** It was executed, and not enough people had approved it: how many of how many. */
  fewEyes?: string
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
  by?: Named
  outcome?: string
  contentHash?: string
  quorumReached?: boolean
  conflicts?: { key: string }[]
  failure?: string
  scheduledAt?: string
  sourceEnvironment?: string
  targetEnvironment?: string
}

/** What is kept of a promotion while it is folded. */
interface Folded extends Promotion {
  author: Named
  approvers: Named[]
  /** Whoever did something with it. */
  acts: Named[]
  source: string
  target: string
}

/** What a tenant promotes by in the end. */
export function presentRules(records: RawRecord[], tenant: string): Rules {
  const changed = records.filter(
    ({ headers }) => headers['ce_tenant'] === tenant && headers['ce_type'] === 'io.shiplog.pipeline.changed.v1',
  )
  const pipelines = changed.map(({ value }) => (JSON.parse(value) as { pipeline?: Rules }).pipeline)
  return pipelines.findLast(pipeline => pipeline !== undefined) ?? defaultRules
}

/** Folds the events of a tenant's promotions, by id. Throws where one was never created. */
export function foldPromotions(records: RawRecord[], tenant: string): Map<string, Promotion> {
  const promotions = new Map<string, Folded>()
  let rules = defaultRules
  for (const { headers, value } of records) {
    if (headers['ce_tenant'] !== tenant) continue
    const [, what, type] = /^io\.shiplog\.(promotion|pipeline)\.(\w+)\.v1$/.exec(headers['ce_type'] ?? '') ?? []
    const data = what === undefined ? undefined : (JSON.parse(value) as Data & { pipeline?: Rules })
    if (what === 'pipeline') rules = data!.pipeline ?? rules
    if (what === 'promotion') foldOne(promotions, type!, data!, rules)
  }
  for (const promotion of promotions.values()) promotion.state = standing(promotion, rules)
  return promotions
}

function foldOne(promotions: Map<string, Folded>, type: string, data: Data, rules: Rules): void {
  const { promotionId: id, at, by = {}, sourceEnvironment: source = '', targetEnvironment: target = '' } = data
  if (type === 'created') {
    const nothing = { approvals: [], approvers: [], acts: [], trail: [], conflicts: [] }
    promotions.set(id, { id, state: 'DRAFT', ...nothing, author: by, source, target })
  }
  const promotion = promotions.get(id)
  if (!promotion) throw new Error(`promotion ${id} was ${type}, and never created`)
  const name = by.userId ?? by.userEmail
  promotion.trail.push({ type, ...(name !== undefined && { by: name }), at })
  promotion.acts.push(by)
  promotion.state = states[type] ?? promotion.state
  if (type === 'validated') validated(promotion, data)
  if (type === 'approved') {
    promotion.approvals.push(name ?? '')
    promotion.approvers.push(by)
    promotion.state = data.quorumReached ? 'APPROVED' : 'VALIDATED'
  }
  if (type === 'executed') {
    const [count, quorum] = [eyes(promotion, rules), quorumOf(promotion, rules)]
    if (count < quorum) promotion.fewEyes = `${count} of ${quorum}`
  }
  if (data.failure !== undefined) promotion.failure = data.failure
  if (data.scheduledAt !== undefined) promotion.scheduledAt = data.scheduledAt
}

function validated(promotion: Folded, { outcome = '', contentHash, conflicts = [] }: Data) {
  if (contentHash === undefined || contentHash !== promotion.contentHash) {
    promotion.approvals = []
    promotion.approvers = []
  }
  promotion.contentHash = contentHash
  promotion.conflicts = conflicts.map(({ key }) => key)
  promotion.state = outcome
}

/** What is APPROVED stays so as long as the pipeline lets it go that way and asks for no more people. */
function standing(promotion: Folded, rules: Rules): string {
  if (promotion.state !== 'APPROVED') return promotion.state
  const order = rules.environments.map(({ name }) => name)
  const placeOf = (name: string) => order.indexOf(environmentOf(rules, name)?.name ?? '')
  const [from, steps] = [placeOf(promotion.source), placeOf(promotion.target) - placeOf(promotion.source)]
  const goes = from >= 0 && steps > 0 && (steps === 1 || rules.allowSkipping)
  if (!goes) return 'VALIDATION_FAILED'
  return eyes(promotion, rules) < quorumOf(promotion, rules) ? 'VALIDATED' : 'APPROVED'
}

function quorumOf({ target }: Folded, rules: Rules): number {
  return environmentOf(rules, target)?.approvals ?? 0
}

/** How many people have approved it, other than its author unless authors may. */
function eyes({ author, approvers, acts }: Folded, rules: Rules): number {
  if (rules.authorMayApprove) return countPeople(approvers, acts)
  const isKnown = author.userId !== undefined || author.userEmail !== undefined
  return isKnown ? countPeople(approvers, acts, author) : 0
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
