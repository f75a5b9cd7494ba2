import { applyDecorators } from '@nestjs/common'
import { ApiResponse } from '@nestjs/swagger'
import { problemKinds, problemType } from './problem.js'

/** Schema of every problem answer; a component of the document. */
export const problemSchema = {
  type: 'object',
  description: 'RFC 9457 problem details.',
  required: ['type', 'title', 'status', 'detail', 'instance', 'requestId'],
  properties: {
    type: { type: 'string', format: 'uri', description: 'A stable name of the kind of problem.' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string', description: 'What was wrong, where, and what to do.' },
    instance: { type: 'string', description: 'The path that was asked for.' },
    requestId: { type: 'string', description: 'Also in X-Request-Id; finds the request in the logs.' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['detail'],
        properties: {
          pointer: { type: 'string', description: 'RFC 6901, into the body.' },
          parameter: { type: 'string', description: 'Of the path or the query.' },
          header: { type: 'string' },
          detail: { type: 'string' },
        },
      },
    },
  },
  additionalProperties: true,
}

/** Documents the problems that a call answers with: why, by status. 400 and 500 are always among them. */
export function Problems(reasons: Partial<Record<keyof typeof problemKinds, string>>): MethodDecorator {
  const all: Record<string, string> = {
    400: 'Malformed: `errors` names each place in the body, parameter or header.',
    500: 'A fault on our side; the request id finds it in the logs.',
    ...reasons,
  }
  return applyDecorators(
    ...Object.entries(all).map(([status, description]) => ApiResponse(problemResponse(Number(status), description))),
  )
}

function problemResponse(status: number, description: string) {
  return {
    status,
    description,
    content: {
      'application/problem+json': {
        schema: { $ref: '#/components/schemas/Problem' },
        example: {
          type: problemType(status),
          title: problemKinds[status]?.title,
          status,
          detail: description,
          instance: '/api/v1/platform/deployments',
          requestId: '0198c0de-0000-7000-8000-0000000000ff',
        },
      },
    },
    ...(status === 503 && {
      headers: { 'Retry-After': { description: 'Seconds until a retry is worth it.', schema: { type: 'integer' } } },
    }),
  }
}
