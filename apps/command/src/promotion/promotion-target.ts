import { type PromotionCommand, type PromotionEvent, refuse, streamIdOf } from '#libs/contracts'
import { pipeline, promotion, type Promotion, type PromotionRules, promotionStreams, rulesStream } from '#libs/domain'
import type { CommandRequest } from '#libs/ledger'

type LaterCommand = Exclude<PromotionCommand, { type: 'CreatePromotion' | 'ValidatePromotion' }>
export type PromotionTarget = CommandRequest<Promotion, PromotionCommand, PromotionEvent>['target']
type ContextStream = 'target' | 'rules'

// The context streams of each command: it locks no more than it needs.
const contextStreamsOf: Record<LaterCommand['type'], ContextStream[]> = {
  ApprovePromotion: ['rules'],
  RejectPromotion: ['rules'],
  SchedulePromotion: ['rules'],
  ExecutePromotion: ['target', 'rules'],
  RollBackPromotion: ['target', 'rules'],
  CancelPromotion: ['rules'],
}

export function promotionStream(tenant: string, promotionId: string): string {
  return streamIdOf(promotion.category, tenant, promotionId)
}

/** Finds the stream of a promotion and its context streams. Runs in the transaction that decides. */
export function promotionTarget(tenant: string, command: LaterCommand): PromotionTarget {
  const streamId = promotionStream(tenant, command.promotionId)
  return {
    find: async index => {
      const known = await index.state<Promotion>(streamId)
      if (!known || known.state === 'ABSENT') {
        return refuse('not-found', `promotion ${command.promotionId} does not exist`)
      }
      const settings = (await index.state<PromotionRules>(rulesStream(tenant))) ?? pipeline.initial
      const streams = promotionStreams(tenant, known, settings)
      const contextStreams = [...new Set(contextStreamsOf[command.type].map(context => streams[context]))]
      return { streamId, command, contextStreams }
    },
  }
}
