import { type PromotionCommand, type PromotionEvent, refuse, streamIdOf } from '#libs/contracts'
import {
  pipeline,
  promotion,
  type Promotion,
  type PipelineSettings,
  promotionStreams,
  pipelineStream,
} from '#libs/domain'
import type { CommandRequest } from '#libs/ledger'

type LaterCommand = Exclude<PromotionCommand, { type: 'CreatePromotion' | 'ValidatePromotion' }>
export type PromotionTarget = CommandRequest<Promotion, PromotionCommand, PromotionEvent>['target']
type ContextStream = 'target' | 'pipeline'

// The context streams of each command: it locks no more than it needs.
const contextStreamsOf: Record<LaterCommand['type'], ContextStream[]> = {
  ApprovePromotion: ['pipeline'],
  RejectPromotion: ['pipeline'],
  SchedulePromotion: ['pipeline'],
  ExecutePromotion: ['target', 'pipeline'],
  RollBackPromotion: ['target', 'pipeline'],
  CancelPromotion: ['pipeline'],
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
      const settings = (await index.state<PipelineSettings>(pipelineStream(tenant))) ?? pipeline.initial
      const streams = promotionStreams(tenant, known, settings)
      const contextStreams = [...new Set(contextStreamsOf[command.type].map(name => streams[name]))]
      return { streamId, command, contextStreams }
    },
  }
}
