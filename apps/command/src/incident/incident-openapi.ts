import { incidentExamples, incidentSchema } from '#libs/api'

const { opened, resolved } = incidentExamples

/** Request bodies. */
export const examples = {
  open: {
    'in an environment': {
      id: 'INC-4711',
      application: 'checkout',
      environment: 'prod',
      startedAt: '2026-02-12T10:30:00Z',
      title: 'Checkout answers 500',
    },
    'of a deployment': { deploymentId: '0198c0de-0000-7000-8000-000000000002' },
  },
  resolve: { 'at a time': { resolvedAt: '2026-02-12T11:15:00Z' } },
}

/** Descriptions of the problem responses, by status. */
export const problems = {
  open: {
    413: 'The body is larger than 1 MiB.',
    415: 'The Content-Type is not `application/json`.',
    422:
      'A rule rejects the facts, `deploymentId` is a deployment of another application or environment, or the `id` or ' +
      '`Idempotency-Key` was used before with a different body.',
  },
  resolve: {
    404: 'The incident does not exist.',
    409: 'The incident is already resolved. `resolvedAt` has the time.',
    415: 'The Content-Type is not `application/json`.',
    422: '`resolvedAt` is before `startedAt`, or the `Idempotency-Key` was used before with a different body or by another actor.',
  },
}

/** Members of a 202 that identify the incident. */
export const accepted = { incidentId: { type: 'string', example: opened.id } }

export const created = {
  201: { description: 'The incident was opened.', schema: incidentSchema, example: opened },
  200: {
    description: 'The request repeats an earlier one: the same incident.',
    schema: incidentSchema,
    example: opened,
  },
}

export const changed = { 200: { description: 'The resolved incident.', schema: incidentSchema, example: resolved } }
