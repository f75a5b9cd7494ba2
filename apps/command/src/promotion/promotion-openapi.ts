import { promotionExamples, promotionSchema } from '#libs/api'

/** Request bodies. */
export const examples = {
  create: {
    'keys that match a pattern': {
      sourceEnvironment: 'staging',
      targetEnvironment: 'production',
      promotionType: 'PATTERN',
      keyPatterns: ['query.*'],
    },
    'all keys': { sourceEnvironment: 'dev', targetEnvironment: 'staging', promotionType: 'FULL', deleteRemoved: true },
  },
  nothing: { 'empty body': {} },
  approve: {
    'with a comment': { comment: 'checked every key' },
    'with the hash of the reviewed content': {
      contentHash: '6f1ed002ab5595859014ebf0951522d9a1b1b0c2e9d4f3a87c5d6e7f80912a3b',
    },
  },
  reason: { 'with a reason': { reason: 'not before the holidays' } },
  schedule: { 'at a time, at most one hour late': { at: '2026-12-01T02:00:00Z', expiresAfter: 'PT1H' } },
  execute: { 'empty body': {}, 'override a freeze': { overrideFreeze: 'fixes the outage' } },
  rollBack: { 'with a reason': { reason: 'queries time out' }, 'including keys that changed since': { force: true } },
}

const response = (description: string, example: object) => ({ description, schema: promotionSchema, example })
const common = {
  tagged: true,
  accepted: { promotionId: { type: 'string', format: 'uuid', example: promotionExamples.draft.id } },
}

/** Responses and errors of the creation of a promotion. */
export const creation = {
  ...common,
  responses: {
    201: response('The promotion was created in the state `DRAFT`.', promotionExamples.draft),
    200: response('The request repeats an earlier one: the same promotion.', promotionExamples.draft),
  },
  errors: {
    400: 'The body is malformed, or the author is missing (`X-User-ID` or `X-User-Email`).',
    413: 'The body is larger than 1 MiB.',
    415: 'The Content-Type is not `application/json`.',
    422: 'The `Idempotency-Key` was used before with a different body or by another actor.',
  },
}

const errors = {
  404: 'The promotion does not exist.',
  409: 'The state of the promotion (`promotionState`), a freeze (`freeze`) or changed keys (`conflicts`) do not allow this.',
  413: 'The body is larger than 1 MiB.',
  415: 'The Content-Type is not `application/json`.',
  422: 'A rule rejects the request, or the `Idempotency-Key` was used before with a different body or by another actor.',
}

/** Responses and errors of an action on a promotion. @param description of its response */
export const action = (description: string) => ({
  ...common,
  responses: { 200: response(description, promotionExamples.validated) },
  errors,
})

/** Errors of a validation. */
export const validationErrors = { ...errors, 429: 'Too many promotions and schemas are being checked. Retry later.' }
