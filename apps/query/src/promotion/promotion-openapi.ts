import {
  configurationComparisonExamples,
  configurationDiffSchema,
  configurationDriftSchema,
  promotionExamples,
  promotionSchema,
} from '#libs/api'
import { eventTypes } from '#libs/contracts'

const { id, contentHash } = promotionExamples.validated

/** Example responses. */
export const examples = {
  promotion: promotionExamples.validated,
  promotions: [promotionExamples.validated],
  events: [
    {
      type: eventTypes.PromotionApproved.ceType,
      position: '3:21',
      eventId: '0198c0de-0000-7000-8000-000000000021',
      actor: 'bob',
      time: '2026-02-12T10:10:00Z',
      recordedAt: '2026-02-12T10:10:00.008Z',
      data: { promotionId: id, at: '2026-02-12T10:10:00Z', by: { userId: 'bob' }, contentHash, quorumReached: false },
    },
  ],
  ...configurationComparisonExamples,
}

/** Problems by kind of operation. */
export const problems = {
  one: { 404: 'The tenant has no promotion with this id.' },
  drift: {
    404: 'An environment is unknown: not in the pipeline, and without configuration. `environments` lists the known ones.',
  },
}

/** Schemas of the responses. */
export const schemas = {
  promotion: promotionSchema,
  promotions: { type: 'array', items: promotionSchema },
  diff: configurationDiffSchema,
  drift: configurationDriftSchema,
}
