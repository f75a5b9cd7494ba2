import { applyDecorators } from '@nestjs/common'
import { ApiResponse } from '@nestjs/swagger'
import { problemSchema } from '#libs/contracts'
import { problemKinds, problemType } from '../problem/problem.js'

/** Problems that every operation may respond with, by status. */
const common: Record<number, string> = {
  400: 'The request is malformed. `errors` names each invalid place in the body, parameter or header.',
  431: 'The URL and the headers together exceed 16 KiB.',
  500: 'An unexpected error. Search the logs for `requestId`.',
}

const malformedTenant = 'must be 1 to 64 letters, digits, dots, underscores or hyphens'

/** Members of the examples that differ from the description of the response. */
const examples: Record<number, object> = {
  400: {
    detail: `The header \`X-Tenant-ID\` ${malformedTenant}.`,
    errors: [{ header: 'X-Tenant-ID', detail: malformedTenant }],
  },
}

/** Documents the problems of an operation: a description for each status, besides the common ones. */
export function Problems(reasons: Partial<Record<keyof typeof problemKinds, string>>): MethodDecorator {
  return applyDecorators(
    ...Object.entries({ ...common, ...reasons }).map(([status, description]) =>
      ApiResponse(problemResponse(Number(status), description!)),
    ),
  )
}

function problemResponse(status: number, description: string) {
  return {
    status,
    description,
    content: {
      'application/problem+json': {
        schema: problemSchema as object,
        example: {
          type: problemType(status),
          title: problemKinds[status]?.title,
          status,
          detail: description,
          instance: '/api/v1/platform/deployments',
          requestId: '0198c0de-0000-7000-8000-0000000000ff',
          ...examples[status],
        },
      },
    },
    ...(status === 503 && {
      headers: { 'Retry-After': { description: 'Seconds to wait before a retry.', schema: { type: 'integer' } } },
    }),
  }
}
