import { applyDecorators } from '@nestjs/common'
import { ApiResponse } from '@nestjs/swagger'
import { createPromotionSchema, promotionStates } from '#libs/contracts'
import { openApiSchema } from '#libs/http'
import { Accepted, entityTagHeader, locationHeader, writeHeaders } from '../commands/command-openapi.js'

const example = {
  id: '0198c0de-0000-7000-8000-0000000000a1',
  sourceEnvironment: 'staging',
  targetEnvironment: 'production',
  promotionType: 'PATTERN',
  keyPatterns: ['query.*'],
  notes: 'Query timeouts, verified in staging',
  state: 'DRAFT',
  createdAt: '2026-02-12T10:00:00Z',
  createdBy: { userEmail: 'dev@acme.example' },
  approvals: [],
  conflicts: [],
  findings: [],
  allowedActions: ['validate', 'cancel'],
  recordedAt: '2026-02-12T10:00:00.217Z',
  position: '3:17',
  version: 1,
}

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

const schema = openApiSchema({
  type: 'object',
  required: ['id', 'sourceEnvironment', 'targetEnvironment', 'promotionType', 'state', 'allowedActions', 'version'],
  properties: {
    id: { type: 'string', format: 'uuid' },
    ...createPromotionSchema.properties,
    state: { type: 'string', enum: [...promotionStates] },
    contentHash: { type: 'string', description: 'SHA-256 of the validated content, which approvals refer to.' },
    quorum: { type: 'integer', description: 'Number of approvals that the promotion needs.' },
    approvals: { type: 'array', items: { type: 'object' } },
    conflicts: {
      type: 'array',
      items: { type: 'object' },
      description: 'Keys that changed in the target since the validation.',
    },
    findings: { type: 'array', items: { type: 'object' } },
    allowedActions: { type: 'array', items: { type: 'string' }, description: 'Actions that the state allows.' },
    scheduledAt: { type: 'string', format: 'instant' },
    executedAt: { type: 'string', format: 'instant' },
    failure: { type: 'string', description: 'Why the scheduled execution failed.' },
    position: { type: 'string', description: 'Log position of the last event of the promotion. Opaque.' },
    version: { type: 'integer', description: 'Number of events of the promotion. The ETag refers to it.' },
  },
})
const content = { 'application/json': { schema, example } }
const accepted = Accepted({ promotionId: example.id })

export function PromotionCreated(): MethodDecorator {
  const headers = { ...writeHeaders, ...locationHeader, ...entityTagHeader }
  return applyDecorators(
    ApiResponse({ status: 201, description: 'The promotion was created in the state `DRAFT`.', headers, content }),
    ApiResponse({
      status: 200,
      description: 'The request repeats an earlier one: the same promotion.',
      headers,
      content,
    }),
    accepted,
  )
}

export function PromotionResponse(description: string): MethodDecorator {
  return applyDecorators(
    ApiResponse({ status: 200, description, headers: { ...writeHeaders, ...entityTagHeader }, content }),
    accepted,
  )
}
