import { applyDecorators } from '@nestjs/common'
import { ApiResponse } from '@nestjs/swagger'
import { bulkChangeSchema, configurationChangeExamples } from '#libs/api'
import { openApiSchema } from '#libs/http'
import { Accepted, entityTagHeader, locationHeader, writeHeaders } from '../commands/command-openapi.js'

/** Request bodies. */
export const examples = {
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

/** Documents the responses of a write of one key. */
export function KeyResponse(schema: object, example: object): MethodDecorator {
  const response = {
    headers: { ...writeHeaders, ...locationHeader, ...entityTagHeader },
    content: { 'application/json': { schema: openApiSchema(schema), example } },
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

/** Documents the responses of a write of many keys. */
export function BulkResponse(
  schema: object = bulkChangeSchema,
  responses: Record<string, object> = { changed: configurationChangeExamples.bulkChange },
): MethodDecorator {
  return applyDecorators(
    ApiResponse({
      status: 200,
      description: 'Number of keys that were set, deleted, and unchanged.',
      headers: { ...writeHeaders, ...entityTagHeader },
      content: {
        'application/json': {
          schema: openApiSchema(schema),
          examples: Object.fromEntries(Object.entries(responses).map(([name, value]) => [name, { value }])),
        },
      },
    }),
    Accepted(subject),
  )
}
