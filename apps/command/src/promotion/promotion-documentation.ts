import { applyDecorators } from '@nestjs/common'
import { ApiResponse } from '@nestjs/swagger'
import { createPromotionSchema, promotionStates } from '#libs/contracts'
import { openApiSchema } from '#libs/http'
import { Accepted, entityTagHeader, locationHeader, writeHeaders } from '../command-documentation.js'

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

/** Bodies to try. */
export const examples = {
  create: {
    'some keys': {
      sourceEnvironment: 'staging',
      targetEnvironment: 'production',
      promotionType: 'PATTERN',
      keyPatterns: ['query.*'],
    },
    everything: { sourceEnvironment: 'dev', targetEnvironment: 'staging', promotionType: 'FULL', deleteRemoved: true },
  },
  nothing: { nothing: {} },
  approve: {
    commented: { comment: 'looked at every key' },
    'what was looked at': { contentHash: '6f1ed002ab5595859014ebf0951522d9a1b1b0c2e9d4f3a87c5d6e7f80912a3b' },
  },
  reason: { reasoned: { reason: 'not before the holidays' } },
  schedule: { 'at night': { at: '2026-12-01T02:00:00Z', expiresAfter: 'PT1H' } },
  execute: { now: {}, 'in a freeze': { overrideFreeze: 'fixes the outage' } },
  rollBack: { reasoned: { reason: 'queries time out' }, 'whatever changed since': { force: true } },
}

const unavailable = 'Postgres cannot be reached, or the index is catching up with the log.'

const act = {
  404: 'There is no such promotion.',
  409: 'Its state does not allow it, its target is frozen, or keys changed: `promotionState`, `freeze`, `conflicts` say which.',
  413: 'The body is larger than 1 MiB.',
  415: 'The body is not application/json.',
  422: 'A rule refuses it, or the Idempotency-Key was used with another body.',
  503: unavailable,
}

/** Why each call is refused. */
export const problems = {
  create: {
    400: 'The body is malformed, or nobody says who drafts it.',
    413: 'The body is larger than 1 MiB.',
    415: 'The body is not application/json.',
    422: 'The Idempotency-Key was used with another body or by another actor.',
    503: unavailable,
  },
  act,
  validate: { ...act, 429: 'Too many promotions and schemas are being checked at this moment.' },
}

const schema = openApiSchema({
  type: 'object',
  required: ['id', 'sourceEnvironment', 'targetEnvironment', 'promotionType', 'state', 'allowedActions', 'version'],
  properties: {
    id: { type: 'string', format: 'uuid' },
    ...createPromotionSchema.properties,
    state: { type: 'string', enum: [...promotionStates] },
    contentHash: { type: 'string', description: 'Of what was validated: what approvals are of.' },
    quorum: { type: 'integer', description: 'Approvals that are needed.' },
    approvals: { type: 'array', items: { type: 'object' } },
    conflicts: { type: 'array', items: { type: 'object' }, description: 'Keys that changed in the target.' },
    findings: { type: 'array', items: { type: 'object' } },
    allowedActions: { type: 'array', items: { type: 'string' }, description: 'By its state alone.' },
    scheduledAt: { type: 'string', format: 'instant' },
    executedAt: { type: 'string', format: 'instant' },
    failure: { type: 'string', description: 'Why a due one was not executed.' },
    position: { type: 'string', description: 'Of its last event in the log: `<partition>:<seq>`.' },
    version: { type: 'integer', description: 'How many events it has.' },
  },
})
const content = { 'application/json': { schema, example } }
const accepted = Accepted({ promotionId: example.id })

/** Documents 201, 200 and 202 of a draft. */
export function PromotionCreated(): MethodDecorator {
  const headers = { ...writeHeaders, ...locationHeader, ...entityTagHeader }
  return applyDecorators(
    ApiResponse({ status: 201, description: 'Drafted.', headers, content }),
    ApiResponse({ status: 200, description: 'A repeat: the first answer.', headers, content }),
    accepted,
  )
}

/** Documents 200 and 202 of an action. */
export function PromotionAnswer(description: string): MethodDecorator {
  return applyDecorators(
    ApiResponse({ status: 200, description, headers: { ...writeHeaders, ...entityTagHeader }, content }),
    accepted,
  )
}
