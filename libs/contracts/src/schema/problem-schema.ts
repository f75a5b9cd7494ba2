import { named } from './named.js'

const string = (description: string) => ({ type: 'string', description }) as const

/** Members of problem details that do not depend on a request. */
export const problemMembers = {
  type: { type: 'string', format: 'uri', description: 'Stable identifier of the problem type.' },
  title: string('Name of the problem type.'),
  status: { type: 'integer', description: 'HTTP status of the response.' },
  detail: string('What failed, which value, and what to do.'),
  errors: {
    type: 'array',
    description: 'The places of the fault in the request.',
    items: named('ProblemError', {
      type: 'object',
      required: ['detail'],
      properties: {
        pointer: string('JSON Pointer (RFC 6901) into the body.'),
        parameter: string('Name of a parameter of the path or the query.'),
        header: string('Name of a header.'),
        detail: string('What is wrong there.'),
      },
    }),
  },
} as const

/** Schema of every problem response. */
export const problemSchema = named('Problem', {
  type: 'object',
  description: 'Problem details (RFC 9457). Some problems have further members, which their operations describe.',
  required: ['type', 'title', 'status', 'detail', 'instance', 'requestId'],
  properties: {
    ...problemMembers,
    instance: string('Path of the request.'),
    requestId: string('Id of the request in the logs; also in the header `X-Request-Id`.'),
  },
  additionalProperties: true,
})
