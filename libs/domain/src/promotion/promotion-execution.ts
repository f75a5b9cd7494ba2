import {
  activeFreezes,
  namesList,
  parseDuration,
  refuse,
  samePerson,
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
  type Rejection,
  type RollBackPromotion,
} from '#libs/contracts'
import {
  entryOf,
  promotionOf,
  revisionOf,
  sameValue,
  type Configuration,
} from '../configuration/configuration-state.js'
import { pipelineRefusal } from './promotion-approval.js'
import type { PromotionContext } from './promotion-content.js'
import { targetConfiguration, targetName, type ExistingPromotion } from './promotion-state.js'

/** Limit of the conflicts that an event and a response list. */
const MOST_CONFLICTS = 1000

/** Writes the validated content, if its keys have not changed in the target since the validation. */
export function execute(
  command: ExecutePromotion,
  promotion: ExistingPromotion,
  targetStream: string,
  { target, settings }: PromotionContext,
): Decision<PromotionEvent> {
  const { promotionId, now, by, scheduled = false } = command
  const { request, content = [], contentHash = '' } = promotion
  const { sourceEnvironment, targetEnvironment, image } = request
  const head = { promotionId, at: now, by }
  const refused = expiry(promotion, command) ?? pipelineRefusal(promotion, settings.pipeline, by)
  // A scheduled execution has no client to reject, so the promotion records the failure.
  const stop = (reason: string, details: Record<string, unknown> = {}): Decision<PromotionEvent> =>
    scheduled
      ? [{ type: 'PromotionFailed', ...head, failure: reason }]
      : refuse('conflict', reason, { details: { promotionState: promotion.state, ...details } })
  if (refused) return stop(refused)

  const freezes = activeFreezes(settings, targetName(promotion, settings), now)
  const reason = command.overrideFreeze ?? (scheduled ? promotion.overrideFreeze : undefined)
  const person = scheduled ? (promotion.scheduledBy ?? by) : by
  const freeze = freezes.find(frozen => reason === undefined || !mayOverride(frozen, person))
  if (freeze) return stop(frozen(freeze, targetEnvironment, reason !== undefined), { freeze: freeze.name })

  // protects: no-compare-and-set-of-keys
  const conflicts = conflictsOf(content, target)
  if (conflicts.length > 0) return conflict(command, promotion, conflicts)
  const changes = content.map(({ kind, key, source, target }): ConfigurationChange => {
    return { kind, key, ...(target && { before: target }), ...(source && { after: source }) }
  })
  const [name, configuration] = [targetName(promotion, settings), targetConfiguration(promotion, settings)]
  const executed: PromotionEvent = {
    type: 'PromotionExecuted',
    ...head,
    sourceEnvironment,
    targetEnvironment,
    targetName: name,
    ...(configuration !== name && { configurationName: configuration }),
    changes,
    contentHash,
    ...(image && { image }),
    targetRevision: target.revision + (changes.length > 0 ? 1 : 0),
    ...(reason !== undefined && freezes.length > 0 && { overriddenFreeze: { reason, freeze: namesOf(freezes) } }),
  }
  return {
    events: [executed],
    otherStreams: changed(targetStream, command, configuration, changes, 'executed'),
  }
}

/** Restores the previous value of each key in the target. */
export function rollBack(
  command: RollBackPromotion,
  promotion: ExistingPromotion,
  targetStream: string,
  { target, settings }: PromotionContext,
): Decision<PromotionEvent> {
  const { promotionId, now, by, reason, force = false } = command
  const { sourceEnvironment, targetEnvironment } = promotion.request
  const { changes: made, targetRevision } = promotion.executed!
  const conflicts = made.flatMap(({ kind, key }): PromotionConflict[] => {
    const actualRevision = revisionOf(target, kind, key)
    if (actualRevision === targetRevision) return []
    const executed = promotionOf(target, kind, key)
    const by = executed !== undefined && { promotionId: executed }
    return [{ kind, key, expectedRevision: targetRevision, actualRevision, ...by }]
  })
  if (conflicts.length > 0 && !force) {
    const detail = changedSince(conflicts, targetEnvironment)
    return refuse('conflict', detail, { details: { promotionState: promotion.state, conflicts } })
  }
  const revisions = new Map(
    promotion.content?.map(({ kind, key, targetRevision }) => [`${kind} ${key}`, targetRevision]),
  )
  const changes = made.flatMap(({ kind, key, before: after }): ConfigurationChange[] => {
    const before = entryOf(target, kind, key)
    if (sameValue(before, after) && before?.description === after?.description) return []
    const restoredRevision = revisions.get(`${kind} ${key}`)
    const restored = restoredRevision !== undefined && { restoredRevision }
    return [{ kind, key, ...(before && { before }), ...(after && { after }), ...restored }]
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
    otherStreams: changed(targetStream, command, targetConfiguration(promotion, settings), changes, 'rolledback'),
  }
}

function changedSince(conflicts: PromotionConflict[], environment: string): string {
  const keys = conflicts.map(({ key }) => key).join(', ')
  const promotions = [...new Set(conflicts.flatMap(({ promotionId }) => promotionId ?? []))]
  const later =
    promotions.length === 0 ? '' : ` (by promotion ${promotions.join(', ')}, which can be rolled back first)`
  return `${keys} changed in ${environment} since the execution${later}: to restore the previous values anyway, send "force": true`
}

function conflict(
  { promotionId, now, by, scheduled }: ExecutePromotion,
  { request }: ExistingPromotion,
  conflicts: PromotionConflict[],
): Decision<PromotionEvent> {
  const { targetEnvironment } = request
  const findings = conflicts.map(({ key }) => ({
    severity: 'error' as const,
    key,
    detail: `changed in ${targetEnvironment} after the validation`,
  }))
  const outcome = 'VALIDATION_FAILED'
  const events: PromotionEvent[] = [
    { type: 'PromotionValidated', promotionId, at: now, by, outcome, findings, conflicts },
  ]
  return scheduled ? events : { events, refusal: conflictRefusal(targetEnvironment, conflicts) }
}

export function conflictRefusal(targetEnvironment: string, conflicts: PromotionConflict[]): Rejection {
  const keys = namesList(conflicts.map(({ key }) => key))
  const detail = `${keys} changed in ${targetEnvironment} since the validation, so nothing was executed: validate and approve the promotion again`
  return refuse('conflict', detail, { details: { promotionState: 'VALIDATION_FAILED', conflicts } })
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

function expiry({ scheduledAt, expiresAfter }: ExistingPromotion, { now, scheduled }: ExecutePromotion) {
  if (!scheduled || scheduledAt === undefined || expiresAfter === undefined) return undefined
  const expires = Date.parse(scheduledAt) + (parseDuration(expiresAfter) ?? Infinity)
  if (Date.parse(now) <= expires) return undefined
  return `the promotion was due at ${scheduledAt} and could not be executed within ${expiresAfter}`
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
  const wayOut = tried
    ? 'this person may not override it, ask one who may'
    : 'wait until it ends, or send the reason for an exception as `overrideFreeze`'
  return `the freeze ${name}${why} is active in ${environment}: ${wayOut}`
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
