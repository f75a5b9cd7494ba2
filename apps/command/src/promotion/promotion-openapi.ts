import { applyDecorators } from '@nestjs/common'
import { ApiResponse } from '@nestjs/swagger'
import { promotionExamples, promotionSchema } from '#libs/api'
import { openApiSchema } from '#libs/http'
import { Accepted, entityTagHeader, locationHeader, writeHeaders } from '../commands/command-openapi.js'

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

const unavailable = 'Postgres is unavailable, or the index is catching up with the log. Retry later.'

const action = {
  404: 'The promotion does not exist.',
  409: 'The state of the promotion (`promotionState`), a freeze (`freeze`) or changed keys (`conflicts`) do not allow this.',
  413: 'The body is larger than 1 MiB.',
  415: 'The Content-Type is not `application/json`.',
  422: 'A rule rejects the request, or the `Idempotency-Key` was used before with a different body or by another actor.',
  503: unavailable,
}

/** Descriptions of the problem responses, by status. */
export const problems = {
  create: {
    400: 'The body is malformed, or the author is missing (`X-User-ID` or `X-User-Email`).',
    413: 'The body is larger than 1 MiB.',
    415: 'The Content-Type is not `application/json`.',
    422: 'The `Idempotency-Key` was used before with a different body or by another actor.',
    503: unavailable,
  },
  action,
  validate: { ...action, 429: 'Too many promotions and schemas are being checked. Retry later.' },
}

const schema = openApiSchema(promotionSchema)
const created = { 'application/json': { schema, example: promotionExamples.draft } }
const changed = { 'application/json': { schema, example: promotionExamples.validated } }
const accepted = Accepted({ promotionId: promotionExamples.draft.id })

export function PromotionCreated(): MethodDecorator {
  const headers = { ...writeHeaders, ...locationHeader, ...entityTagHeader }
  return applyDecorators(
    ApiResponse({
      status: 201,
      description: 'The promotion was created in the state `DRAFT`.',
      headers,
      content: created,
    }),
    ApiResponse({
      status: 200,
      description: 'The request repeats an earlier one: the same promotion.',
      headers,
      content: created,
    }),
    accepted,
  )
}

export function PromotionResponse(description: string): MethodDecorator {
  return applyDecorators(
    ApiResponse({ status: 200, description, headers: { ...writeHeaders, ...entityTagHeader }, content: changed }),
    accepted,
  )
}
