import { applyDecorators } from '@nestjs/common'
import { ApiResponse } from '@nestjs/swagger'
import { Accepted, entityTagHeader, writeHeaders } from '../command-documentation.js'

/** Bodies to try, and answers. */
export const examples = {
  pipeline: {
    environments: [
      { name: 'dev', aliases: ['development'], approvals: 0 },
      { name: 'staging', aliases: ['stage'], approvals: 1 },
      { name: 'production', aliases: ['prod'], approvals: 2 },
    ],
    allowSkipping: false,
  },
  freezes: [
    {
      name: 'weekend',
      environments: ['production'],
      reason: 'nobody is in the office',
      overridableBy: ['oncall@acme.example'],
      cron: '0 18 * * FRI',
      duration: 'P2DT12H',
      timezone: 'Europe/Vienna',
    },
  ],
  schema: { type: 'string', pattern: '^[0-9]+s$' },
}

/** Why each call is refused. */
export const problems = {
  409: 'An environment that it takes away holds configuration, or a freeze is for it: `errors` says which.',
  412: 'The rules have another revision than `If-Match` names: `revision` says which.',
  413: 'The body is larger than 1 MiB.',
  415: 'The body is not application/json.',
  422: 'A rule refuses it, or the Idempotency-Key was used with another body or by another actor.',
  503: 'Postgres cannot be reached, or the index is catching up with the log.',
}

/** The same of a schema of keys. */
export const schemaProblems = {
  ...problems,
  413: 'The schema has more than 64 KiB of JSON, or the body more than 1 MiB.',
  429: 'Too many promotions and schemas are being checked at this moment.',
}

/** Documents 200 and 202 of a part of the rules. */
export function RulesAnswer(description: string, example: object): MethodDecorator {
  const type = Array.isArray(example) ? 'array' : 'object'
  const schema = type === 'array' ? { type, items: { type: 'object' as const } } : { type }
  return applyDecorators(
    ApiResponse({
      status: 200,
      description,
      headers: { ...writeHeaders, ...entityTagHeader },
      content: { 'application/json': { schema: schema as object, example } },
    }),
    Accepted({}),
  )
}

/** Documents 204 and 202 of taking a part of the rules away. */
export function NoMoreRules(description: string): MethodDecorator {
  return applyDecorators(ApiResponse({ status: 204, description, headers: writeHeaders }), Accepted({}))
}
