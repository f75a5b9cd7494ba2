import {
  activeFreezes,
  namesList,
  parseDuration,
  refuse,
  type ConfigurationCause,
  type ConfigurationChange,
  type ConfigurationEvent,
  type Decision,
  type ExecutePromotion,
  type Freeze,
  type Person,
  type PromotedKey,
  type PromotionConflict,
  type PromotionEvent,
  type RollBackPromotion,
} from '#libs/contracts'
import { entryOf, revisionOf, sameValue, type Configuration } from './configuration.js'
import { countingApprovals, pipelineFindings, quorumOf, type PromotionGround } from './promotion-content.js'
import { samePerson, targetName, type KnownPromotion } from './promotion-state.js'

/** Conflicts that an event lists, and an answer: one is enough to stop a promotion. */
const MOST_CONFLICTS = 1000

/** Writes what was validated, and nothing else, if the target still holds what it held then. */
export function execute(
  command: ExecutePromotion,
  promotion: KnownPromotion,
  targetStream: string,
  { target, rules }: PromotionGround,
): Decision<PromotionEvent> {
  const { promotionId, now, by, scheduled = false } = command
  const { request, content = [], contentHash = '' } = promotion
  const { sourceEnvironment, targetEnvironment, image } = request
  const head = { promotionId, at: now, by }
  const refused = expiry(promotion, command) ?? pipelineRefusal(promotion, { rules })
  // Nobody waits for the answer of what executes itself: the promotion keeps it.
  const stop = (reason: string, details: Record<string, unknown> = {}): Decision<PromotionEvent> =>
    scheduled
      ? [{ type: 'PromotionFailed', ...head, failure: reason }]
      : refuse('conflict', reason, { details: { promotionState: promotion.state, ...details } })
  if (refused) return stop(refused)

  const freezes = activeFreezes(rules, targetName(promotion, rules), now)
  const reason = command.overrideFreeze ?? (scheduled ? promotion.overrideFreeze : undefined)
  const person = scheduled ? (promotion.scheduledBy ?? by) : by
  const freeze = freezes.find(frozen => reason === undefined || !mayOverride(frozen, person))
  if (freeze) return stop(frozen(freeze, targetEnvironment, reason !== undefined), { freeze: freeze.name })

  const conflicts = conflictsOf(content, target)
  if (conflicts.length > 0) return conflict(command, promotion, conflicts)
  const changes = content.map(({ kind, key, source, target }): ConfigurationChange => {
    return { kind, key, ...(target && { before: target }), ...(source && { after: source }) }
  })
  const executed: PromotionEvent = {
    type: 'PromotionExecuted',
    ...head,
    sourceEnvironment,
    targetEnvironment,
    targetName: targetName(promotion, rules),
    changes,
    contentHash,
    ...(image && { image }),
    targetRevision: target.revision + (changes.length > 0 ? 1 : 0),
    ...(reason !== undefined && freezes.length > 0 && { overriddenFreeze: { reason, freeze: namesOf(freezes) } }),
  }
  return {
    events: [executed],
    elsewhere: changed(targetStream, command, targetName(promotion, rules), changes, 'executed'),
  }
}

/** Restores what the target held before, key by key. */
export function rollBack(
  command: RollBackPromotion,
  promotion: KnownPromotion,
  targetStream: string,
  { target, rules }: PromotionGround,
): Decision<PromotionEvent> {
  const { promotionId, now, by, reason, force = false } = command
  const { sourceEnvironment, targetEnvironment } = promotion.request
  const { changes: made, targetRevision } = promotion.executed!
  const conflicts = conflictsOf(
    made.map(({ kind, key }) => ({ kind, key, targetRevision })),
    target,
  )
  if (conflicts.length > 0 && !force) {
    const keys = namesList(conflicts.map(({ key }) => key))
    const detail = `somebody changed ${keys} in ${targetEnvironment} since: look at them, then roll back with "force": true, or not`
    return refuse('conflict', detail, { details: { promotionState: promotion.state, conflicts } })
  }
  const changes = made.flatMap(({ kind, key, before: after }): ConfigurationChange[] => {
    const before = entryOf(target, kind, key)
    const same = sameValue(before, after) && before?.description === after?.description
    return same ? [] : [{ kind, key, ...(before && { before }), ...(after && { after }) }]
  })
  const rolledBack: PromotionEvent = {
    type: 'PromotionRolledBack',
    promotionId,
    at: now,
    by,
    sourceEnvironment,
    targetEnvironment,
    changes,
    ...(reason !== undefined && { reason }),
    ...(conflicts.length > 0 && { forced: true }),
  }
  return {
    events: [rolledBack],
    elsewhere: changed(targetStream, command, targetName(promotion, rules), changes, 'rolledback'),
  }
}

function conflict(
  { promotionId, now, by, scheduled }: ExecutePromotion,
  { request }: KnownPromotion,
  conflicts: PromotionConflict[],
): Decision<PromotionEvent> {
  const { targetEnvironment } = request
  const findings = conflicts.map(({ key }) => ({
    severity: 'error' as const,
    key,
    detail: `was changed in ${targetEnvironment} after the validation`,
  }))
  const outcome = 'VALIDATION_FAILED'
  const events: PromotionEvent[] = [
    { type: 'PromotionValidated', promotionId, at: now, by, outcome, findings, conflicts },
  ]
  if (scheduled) return events
  const keys = namesList(conflicts.map(({ key }) => key))
  const detail = `since the validation ${keys} changed in ${targetEnvironment}: nothing was executed. Validate and approve anew.`
  return { events, refusal: refuse('conflict', detail, { details: { promotionState: outcome, conflicts } }) }
}

function conflictsOf(
  content: Pick<PromotedKey, 'kind' | 'key' | 'targetRevision'>[],
  target: Configuration,
): PromotionConflict[] {
  const conflicts = content.flatMap(({ kind, key, targetRevision: expectedRevision }) => {
    const actualRevision = revisionOf(target, kind, key)
    return actualRevision === expectedRevision ? [] : [{ kind, key, expectedRevision, actualRevision }]
  })
  return conflicts.slice(0, MOST_CONFLICTS)
}

function expiry({ scheduledAt, expiresAfter }: KnownPromotion, { now, scheduled }: ExecutePromotion) {
  if (!scheduled || scheduledAt === undefined || expiresAfter === undefined) return undefined
  const expires = Date.parse(scheduledAt) + (parseDuration(expiresAfter) ?? Infinity)
  if (Date.parse(now) <= expires) return undefined
  return `was due at ${scheduledAt} and could not be executed within ${expiresAfter}`
}

/** What the pipeline says now, not what it said when the promotion was approved. */
function pipelineRefusal({ request, approvals, author }: KnownPromotion, { rules }: Pick<PromotionGround, 'rules'>) {
  const [finding] = pipelineFindings(request, rules.pipeline)
  if (finding) return `the pipeline refuses it by now: ${finding.detail}`
  const quorum = quorumOf(request, rules.pipeline)
  const { length } = countingApprovals(approvals, author, rules.pipeline)
  if (length >= quorum) return undefined
  return `the pipeline asks for ${quorum} approvals by now, and ${length} count`
}

function namesOf(freezes: Freeze[]): string {
  return freezes.map(({ name }) => name).join(', ')
}

function mayOverride({ overridableBy }: Freeze, person: Person): boolean {
  if (!overridableBy) return true
  return overridableBy.some(name => samePerson({ userId: name }, person) || samePerson({ userEmail: name }, person))
}

function frozen({ name, reason }: Freeze, environment: string, tried: boolean): string {
  const why = reason === undefined ? '' : ` (${reason})`
  const wayOut = tried ? 'this person may not override it' : 'wait, or say in overrideFreeze why it cannot'
  return `the target ${environment} is frozen by ${name}${why}: ${wayOut}`
}

function changed(
  streamId: string,
  { promotionId, now, by }: ExecutePromotion | RollBackPromotion,
  environment: string,
  changes: ConfigurationChange[],
  action: ConfigurationCause['action'],
): { streamId: string; events: ConfigurationEvent[] }[] {
  if (changes.length === 0) return []
  const person = by.userId ?? by.userEmail
  const event: ConfigurationEvent = {
    type: 'ConfigurationChanged',
    environment,
    changedAt: now,
    ...(person !== undefined && { by: person }),
    changes,
    cause: { promotionId, action },
  }
  return [{ streamId, events: [event] }]
}
