import {
  allowedActions,
  promotionActions,
  refuse,
  streamIdOf,
  type ContextStreams,
  type Decider,
  type Decision,
  type IndexEntry,
  type PromotionAction,
  type PromotionCommand,
  type PromotionEvent,
  type PromotionFacts,
  type Rejection,
  type SchedulePromotion,
  type ValidatePromotion,
} from '#libs/contracts'
import { configuration } from '../configuration/configuration.js'
import type { Configuration } from '../configuration/configuration-state.js'
import { configurationName } from '../configuration/configuration-name.js'
import { pipeline, pipelineStream, type PipelineSettings } from '../pipeline/pipeline.js'
import { unmatchedRevision } from '../configuration/precondition.js'
import { approve, countApprovals, tooManyPeople, pipelineRefusal, quorumOf, standingOf } from './promotion-approval.js'
import type { PromotionContext } from './promotion-content.js'
import { conflictRefusal, execute, rollBack } from './promotion-execution.js'
import {
  absentPromotion,
  evolvePromotion,
  targetConfiguration,
  type ExistingPromotion,
  type Promotion,
} from './promotion-state.js'

/** Name of the index entries of scheduled promotions. */
export const scheduledIndex = 'scheduled'

/** The context streams of a promotion. */
export function promotionStreams(
  tenant: string,
  promotion: Pick<ExistingPromotion, 'request' | 'executed'>,
  settings: PipelineSettings,
) {
  const { sourceEnvironment } = promotion.request
  return {
    source: streamIdOf(configuration.category, tenant, configurationName(settings, sourceEnvironment)),
    target: streamIdOf(configuration.category, tenant, targetConfiguration(promotion, settings)),
    pipeline: pipelineStream(tenant),
  }
}

function decide(
  command: PromotionCommand,
  promotion: Promotion,
  contextStreams: ContextStreams = new Map(),
): Decision<PromotionEvent> {
  const { promotionId, now: at, by } = command
  const head = { promotionId, at, by }
  if (command.type === 'CreatePromotion') {
    if (promotion.state === 'ABSENT')
      return [{ type: 'PromotionCreated', ...head, tenant: command.tenant, ...command.request }]
    return refuse('unprocessable', `promotion ${promotionId} already exists with different content`)
  }
  if (promotion.state === 'ABSENT') return refuse('not-found', `promotion ${promotionId} does not exist`)
  const { targetStream, context } = contextOf(promotion, contextStreams)
  const refused = refusalOfAction(command, promotion, context.settings)
  if (refused) return refused
  switch (command.type) {
    case 'ValidatePromotion':
      return validate(command, promotion, context)
    case 'ApprovePromotion':
      return approve(command, promotion, context.settings.pipeline)
    case 'RejectPromotion':
      return [{ type: 'PromotionRejected', ...head, ...reasonOf(command) }]
    case 'SchedulePromotion':
      return schedule(command)
    case 'ExecutePromotion':
      return execute(command, promotion, targetStream, context)
    case 'RollBackPromotion':
      return rollBack(command, promotion, targetStream, context)
    case 'CancelPromotion':
      return [{ type: 'PromotionCancelled', ...head, ...reasonOf(command) }]
    default:
      return command satisfies never
  }
}

/** Rejects an action if the version does not match, or the state does not allow it. */
function refusalOfAction(command: LaterCommand, promotion: ExistingPromotion, { pipeline }: PipelineSettings) {
  const { ifMatch, by } = command
  const stale = ifMatch && unmatchedRevision(`promotion ${promotion.id}`, promotion.version, ifMatch)
  if (stale) return stale
  const action = actionOf(command)
  const standing = standingOf(promotion, pipeline, by)
  const scheduled = command.type === 'ExecutePromotion' && command.scheduled === true
  const allowed: readonly string[] = scheduled ? ['SCHEDULED'] : promotionActions[action]
  if (!allowed.includes(standing.state)) {
    const moved = standing.state !== promotion.state
    return outOfOrder(action, standing, moved ? pipelineRefusal(promotion, pipeline, by) : undefined)
  }
  // It was rescheduled after the scheduler had read it.
  if (scheduled && Date.parse(command.now) < Date.parse(promotion.scheduledAt!)) return outOfOrder(action, promotion)
  return lastActions.includes(action) ? undefined : tooManyPeople(promotion, by)
}

/** Actions after which no other is possible. */
const lastActions: readonly PromotionAction[] = ['reject', 'rollback', 'cancel']

function validate(
  { promotionId, now, by, checked }: ValidatePromotion,
  promotion: ExistingPromotion,
  context: PromotionContext,
): PromotionEvent[] {
  if (!checked) throw new Error(`ValidatePromotion of ${promotionId} has no checked content.`)
  const { content, contentHash, findings } = checked
  const { request } = promotion
  const { pipeline } = context.settings
  const head = { type: 'PromotionValidated', promotionId, at: now, by, findings } as const
  if (findings.some(({ severity }) => severity === 'error')) return [{ ...head, outcome: 'VALIDATION_FAILED' }]
  const quorum = quorumOf(request, pipeline)
  const approvals = promotion.approvals.filter(approval => approval.contentHash === contentHash)
  const outcome = countApprovals({ ...promotion, approvals }, pipeline, by) >= quorum ? 'APPROVED' : 'VALIDATED'
  return [{ ...head, outcome, content, contentHash, quorum }]
}

function schedule(command: SchedulePromotion): Decision<PromotionEvent> {
  const { promotionId, now, by, at: scheduledAt, expiresAfter, overrideFreeze } = command
  if (Date.parse(scheduledAt) < Date.parse(now)) {
    const errors = [{ pointer: '/at', detail: 'is in the past' }]
    return refuse(
      'unprocessable',
      `\`at\` ${scheduledAt} is in the past: send a later time, or execute the promotion`,
      { errors },
    )
  }
  const more = {
    ...(expiresAfter !== undefined && { expiresAfter }),
    ...(overrideFreeze !== undefined && { overrideFreeze }),
  }
  return [{ type: 'PromotionScheduled', promotionId, at: now, by, scheduledAt, ...more }]
}

type LaterCommand = Exclude<PromotionCommand, { type: 'CreatePromotion' }>

function actionOf({ type }: LaterCommand): PromotionAction {
  const actions: Record<LaterCommand['type'], PromotionAction> = {
    ValidatePromotion: 'validate',
    ApprovePromotion: 'approve',
    RejectPromotion: 'reject',
    SchedulePromotion: 'schedule',
    ExecutePromotion: 'execute',
    RollBackPromotion: 'rollback',
    CancelPromotion: 'cancel',
  }
  return actions[type]
}

/** @param why the reason for a state that differs from the recorded one */
function outOfOrder(action: PromotionAction, { id, state }: ExistingPromotion, why?: string): Rejection {
  const allowed = allowedActions(state)
  const open = allowed.length === 0 ? 'no more actions are possible' : `allowed: ${allowed.join(', ')}`
  const scheduled =
    action === 'execute' && state === 'SCHEDULED' ? ', and the scheduler executes it when it is due' : ''
  const moved = why === undefined ? '' : ` again, because ${why}`
  return refuse('conflict', `cannot ${action} promotion ${id}: it is ${state}${scheduled}${moved}; ${open}`, {
    details: { promotionId: id, promotionState: state, action, allowedActions: allowed },
  })
}

function reasonOf({ reason }: { reason?: string }): { reason?: string } {
  return reason === undefined ? {} : { reason }
}

function contextOf(promotion: ExistingPromotion, contextStreams: ContextStreams) {
  const { tenant } = promotion
  const settings = (contextStreams.get(pipelineStream(tenant)) as PipelineSettings | undefined) ?? pipeline.initial
  const streams = promotionStreams(tenant, promotion, settings)
  const configurationOf = (streamId: string) =>
    (contextStreams.get(streamId) as Configuration | undefined) ?? configuration.initial
  return {
    targetStream: streams.target,
    context: {
      tenant,
      source: configurationOf(streams.source),
      target: configurationOf(streams.target),
      settings,
    },
  }
}

function indexEntries(promotion: Promotion): IndexEntry[] {
  if (promotion.state !== 'SCHEDULED') return []
  const { id, scheduledAt } = promotion as ExistingPromotion
  return [{ name: scheduledIndex, groupKey: id, rank: new Date(scheduledAt!).toISOString(), notify: true }]
}

/** The rejection of an execution by a client that found changed keys. A scheduled one gets it too, but no client waits for that. */
function refusalOf(event: PromotionEvent, promotion: Promotion): Rejection | undefined {
  if (event.type !== 'PromotionValidated' || !event.conflicts || promotion.state === 'ABSENT') return undefined
  return conflictRefusal(promotion.request.targetEnvironment, event.conflicts)
}

/** The stored result of a command: the state without its content and changes, which can be megabytes. */
function resultOf(promotion: Promotion): Promotion | PromotionFacts {
  if (promotion.state === 'ABSENT') return promotion
  const { content: _, identities: _i, executed, ...facts } = promotion
  return { ...facts, ...(executed && { executed: { at: executed.at } }) }
}

export const promotion: Decider<Promotion, PromotionCommand, PromotionEvent> = {
  category: 'promotion',
  stateVersion: 2,
  initial: absentPromotion,
  evolve: evolvePromotion,
  decide,
  answer: resultOf,
  refusalOf,
  orderingKey: () => undefined,
  indexEntries,
}
