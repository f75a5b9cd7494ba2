import { applyDecorators } from '@nestjs/common'
import { ApiResponse } from '@nestjs/swagger'
import { Accepted, entityTagHeader, locationHeader, writeHeaders } from '../commands/command-openapi.js'

const head = { id: '5d1f4a0e-9b7c-5f43-8a51-6a4a2f0c7e12' }
const tail = { revision: 7, updatedAt: '2026-02-12T10:00:00Z', updatedBy: 'dev@acme.example' }

/** Request bodies, and response bodies. */
export const examples = {
  configuration: { ...head, key: 'query.timeout', value: '180s', ...tail },
  flag: { ...head, key: 'new-search', enabled: true, variants: ['a', 'b'], ...tail },
  put: {
    'plain value': { value: '180s', description: 'Maximum duration of a query.' },
    'secret value': { value: 'correct horse', secret: true },
  },
  putFlag: {
    on: { enabled: true },
    'for 10 % of requests': { enabled: true, variants: ['a', 'b'], rules: [{ variant: 'b', percentage: 10 }] },
  },
  patch: { 'set and delete': { set: { 'query.timeout': '180s', 'query.limit': 500 }, delete: ['query.old'] } },
  patchFlags: { 'set and delete': { set: { 'new-search': { enabled: false } }, delete: ['old-search'] } },
  whole: { 'two keys': { 'query.timeout': '180s', 'query.limit': 500 } },
}

const unavailable = 'Postgres is unavailable, or the index is catching up with the log. Retry later.'

/** Descriptions of the problem responses, by status. */
export const problems = {
  key: {
    412: 'The revision differs from `If-Match`. `revision` has the current one.',
    413: 'The body is larger than 1 MiB.',
    415: 'The Content-Type is not `application/json`.',
    422: 'No key is configured to encrypt a secret, or the `Idempotency-Key` was used before with a different body or by another actor.',
    503: unavailable,
  },
  many: {
    412: 'The revision of the environment differs from `If-Match`. `revision` has the current one.',
    413: 'The body is larger than 4 MiB.',
    415: 'The Content-Type is not supported.',
    422: 'The event would be too large, no key is configured to encrypt a secret, or the `Idempotency-Key` was used before with a different body or by another actor.',
    503: unavailable,
  },
}

const subject = { environment: 'staging' }

const warningsSchema = {
  type: 'array' as const,
  description: 'Keys that became secrets. The log still has their earlier values in plain text: rotate these secrets.',
  items: {
    type: 'object' as const,
    properties: { key: { type: 'string' as const }, detail: { type: 'string' as const } },
  },
}

export function KeyResponse(example: object): MethodDecorator {
  const response = {
    headers: { ...writeHeaders, ...locationHeader, ...entityTagHeader },
    content: {
      'application/json': { schema: { type: 'object' as const, properties: { warnings: warningsSchema } }, example },
    },
  }
  return applyDecorators(
    ApiResponse({ status: 201, description: 'The key was created.', ...response }),
    ApiResponse({ status: 200, description: 'The key as stored now, changed or unchanged.', ...response }),
    Accepted({ ...subject, key: 'query.timeout' }),
  )
}

export function Deleted(): MethodDecorator {
  return applyDecorators(
    ApiResponse({ status: 204, description: 'The key does not exist any more.', headers: writeHeaders }),
    Accepted({ ...subject, key: 'query.timeout' }),
  )
}

export function BulkResponse(): MethodDecorator {
  const count = { type: 'integer' as const }
  return applyDecorators(
    ApiResponse({
      status: 200,
      description: 'Number of keys that were set, deleted, and unchanged.',
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
          example: { ...subject, revision: 8, set: 2, deleted: 1, unchanged: 0 },
        },
      },
    }),
    Accepted(subject),
  )
}
