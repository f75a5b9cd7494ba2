import { applyDecorators } from '@nestjs/common'
import { ApiResponse } from '@nestjs/swagger'
import { Accepted, entityTagHeader, locationHeader, writeHeaders } from '../command-documentation.js'

const head = { id: '5d1f4a0e-9b7c-5f43-8a51-6a4a2f0c7e12' }
const tail = { revision: 7, updatedAt: '2026-02-12T10:00:00Z', updatedBy: 'dev@acme.example' }

/** Bodies to try, and answers. */
export const examples = {
  configuration: { ...head, key: 'query.timeout', value: '180s', ...tail },
  flag: { ...head, key: 'new-search', enabled: true, variants: ['a', 'b'], ...tail },
  put: {
    'a value': { value: '180s', description: 'How long a query may take.' },
    'a secret': { value: 'correct horse', secret: true },
  },
  putFlag: {
    on: { enabled: true },
    'for some': { enabled: true, variants: ['a', 'b'], rules: [{ variant: 'b', percentage: 10 }] },
  },
  patch: { 'some keys': { set: { 'query.timeout': '180s', 'query.limit': 500 }, delete: ['query.old'] } },
  patchFlags: { 'some flags': { set: { 'new-search': { enabled: false } }, delete: ['old-search'] } },
  whole: { 'two keys': { 'query.timeout': '180s', 'query.limit': 500 } },
}

const unavailable = 'Postgres cannot be reached, or the index is catching up with the log.'

/** Why each call is refused. */
export const problems = {
  key: {
    412: 'It has another revision than `If-Match` names: `revision` says which.',
    413: 'The body is larger than 1 MiB.',
    415: 'The body is not application/json.',
    422: 'A secret without a key to seal it with, or the Idempotency-Key was used with another body or by another actor.',
    503: unavailable,
  },
  many: {
    412: 'The environment has another revision than `If-Match` names: `revision` says which.',
    413: 'The body is larger than 4 MiB.',
    415: 'The body has a type that is not taken here.',
    422: 'What it would record exceeds an event, a secret has no key to seal it with, or the Idempotency-Key was used before.',
    503: unavailable,
  },
}

const named = { environment: 'staging' }

const warningsSchema = {
  type: 'array' as const,
  description: 'Keys that became secrets, and whose earlier values the log keeps in clear: rotate them.',
  items: {
    type: 'object' as const,
    properties: { key: { type: 'string' as const }, detail: { type: 'string' as const } },
  },
}

/** Documents 200, 201 and 202 of one key. */
export function KeyAnswer(example: object): MethodDecorator {
  const answer = {
    headers: { ...writeHeaders, ...locationHeader, ...entityTagHeader },
    content: {
      'application/json': { schema: { type: 'object' as const, properties: { warnings: warningsSchema } }, example },
    },
  }
  return applyDecorators(
    ApiResponse({ status: 201, description: 'It was not there before.', ...answer }),
    ApiResponse({ status: 200, description: 'As it is now: changed, or the same.', ...answer }),
    Accepted({ ...named, key: 'query.timeout' }),
  )
}

/** Documents 204 and 202 of a deletion. */
export function Deleted(): MethodDecorator {
  return applyDecorators(
    ApiResponse({ status: 204, description: 'It is not there.', headers: writeHeaders }),
    Accepted({ ...named, key: 'query.timeout' }),
  )
}

/** Documents 200 and 202 of many keys. */
export function BulkAnswer(): MethodDecorator {
  const count = { type: 'integer' as const }
  return applyDecorators(
    ApiResponse({
      status: 200,
      description: 'How many keys were set, deleted, and set already.',
      headers: { ...writeHeaders, ...entityTagHeader },
      content: {
        'application/json': {
          schema: {
            type: 'object',
            properties: {
              environment: { type: 'string' },
              revision: count,
              set: count,
              deleted: count,
              unchanged: count,
              warnings: warningsSchema,
            },
          },
          example: { ...named, revision: 8, set: 2, deleted: 1, unchanged: 0 },
        },
      },
    }),
    Accepted(named),
  )
}
