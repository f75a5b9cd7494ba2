import { applyDecorators } from '@nestjs/common'
import { ApiResponse } from '@nestjs/swagger'
import { recordDeploymentSchema } from '#libs/contracts'
import { openApiSchema, positionHeader } from '#libs/http'

const example = {
  id: '0198c0de-0000-7000-8000-000000000001',
  application: 'platform',
  environment: 'dev',
  imageTag: 'v2.1.0-abc1234',
  gitCommit: 'abc1234',
  gitBranch: 'main',
  status: 'DEPLOYED',
  deployedAt: '2026-02-12T10:00:00Z',
  completedAt: '2026-02-12T10:05:00Z',
  durationSeconds: 300,
  recordedAt: '2026-02-12T10:05:01.217Z',
  position: '3:17',
  version: 1,
}

const rolledBack = {
  ...example,
  status: 'ROLLED_BACK',
  rolledBackAt: '2026-02-12T11:00:00Z',
  rollbackReason: 'error rate after the release',
  position: '3:18',
  version: 2,
}

/** Bodies to try. */
export const examples = {
  record: {
    'as a pipeline reports it': {
      imageTag: 'v2.1.0-abc1234',
      gitCommit: 'abc1234',
      gitBranch: 'main',
      environment: 'dev',
      status: 'DEPLOYED',
      deployedAt: '2026-02-12T10:00:00Z',
      completedAt: '2026-02-12T10:05:00Z',
    },
    'the least': { environment: 'dev', imageTag: 'v2.1.0-abc1234' },
  },
  complete: { finished: { status: 'DEPLOYED', completedAt: '2026-02-12T10:05:00Z' } },
  correct: { 'a wrong finish': { completedAt: '2026-02-12T10:07:00Z', reason: 'the clock of the runner was wrong' } },
  rollBack: { reasoned: { reason: 'error rate after the release' } },
  rollBackTag: { narrowed: { environment: 'prod', reason: 'error rate after the release' } },
}

/** Why each call is refused. */
export const problems = {
  record: {
    413: 'The body is larger than 1 MiB.',
    415: 'The body is not application/json.',
    422: 'A rule refuses the facts, or the id or Idempotency-Key was used with another body.',
    503: 'Postgres cannot be reached, or the index is catching up with the log.',
  },
  change: {
    404: 'There is no such deployment.',
    409: 'The deployment is not in a state that allows it: `deploymentStatus` says which.',
    415: 'The body is not application/json.',
    422: 'A rule refuses the facts, or the Idempotency-Key was used with another body or by another actor.',
    503: 'Postgres cannot be reached, or the index is catching up with the log.',
  },
  rollBackTag: {
    404: 'No deployment has this tag.',
    409: 'It is rolled back already, never succeeded, or `candidates` lists more than one deployment.',
    415: 'The body is not application/json.',
    422: 'A rule refuses the facts, or the Idempotency-Key was used with another body or by another actor.',
    503: 'Postgres cannot be reached, or the index is catching up with the log.',
  },
}

const { properties } = recordDeploymentSchema
const recordSchema = openApiSchema({
  type: 'object',
  required: [
    'id',
    'application',
    'environment',
    'imageTag',
    'status',
    'deployedAt',
    'recordedAt',
    'position',
    'version',
  ],
  properties: {
    ...properties,
    durationSeconds: { type: 'number', description: '`completedAt` - `deployedAt`.' },
    rollbackDetected: { type: 'string', enum: ['reported', 'inferred'] },
    recordedAt: { type: 'string', format: 'instant', description: 'When we learned of it.' },
    position: { type: 'string', description: 'Of its last event in the log: `<partition>:<seq>`.' },
    version: { type: 'integer', description: 'How many events it has.' },
  },
})

const headers = {
  [positionHeader]: { description: 'Position of the event: `<partition>:<seq>`.', schema: { type: 'string' as const } },
}
const location = { Location: { description: 'URL of the record.', schema: { type: 'string' as const } } }

const commandId = '0198c0de-0000-7000-8000-00000000000c'
const accepted = ApiResponse({
  status: 202,
  description: 'Decided, and appended as soon as Kafka can be reached: ask the URL in `Location` how it went.',
  headers: { Location: { description: 'URL of the command.', schema: { type: 'string' } } },
  content: {
    'application/json': {
      schema: {
        type: 'object',
        properties: {
          id: { type: 'string', format: 'uuid', description: 'The command.' },
          status: { type: 'string', enum: ['accepted'] },
          url: { type: 'string' },
          deploymentId: { type: 'string', format: 'uuid' },
        },
      },
      example: {
        id: commandId,
        status: 'accepted',
        url: `/api/v1/commands/${commandId}`,
        deploymentId: example.id,
      },
    },
  },
})

/** Documents 201, 200 and 202 of recording. */
export function RecordCreated(): MethodDecorator {
  const content = { 'application/json': { schema: recordSchema, example } }
  return applyDecorators(
    ApiResponse({
      status: 201,
      description: 'Recorded, and read back from the log.',
      headers: { ...headers, ...location },
      content,
    }),
    ApiResponse({
      status: 200,
      description: 'A repeat: the first answer.',
      headers: { ...headers, ...location },
      content,
    }),
    accepted,
  )
}

/** Documents 200 and 202 of a change. */
export function RecordAnswer(description: string): MethodDecorator {
  return applyDecorators(
    ApiResponse({
      status: 200,
      description,
      headers,
      content: { 'application/json': { schema: recordSchema, example: rolledBack } },
    }),
    accepted,
  )
}
