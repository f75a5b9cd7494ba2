import { ApiResponse } from '@nestjs/swagger'
import { eventTypes, recordDeploymentSchema } from '#libs/contracts'
import { openApiSchema, positionHeader } from '#libs/http'

const older = {
  id: '0198c0de-0000-7000-8000-000000000001',
  application: 'platform',
  environment: 'prod',
  imageTag: 'v2.0.0-def5678',
  gitCommit: 'def5678',
  gitBranch: 'main',
  status: 'DEPLOYED',
  active: false,
  deployedAt: '2026-02-11T14:00:00Z',
  completedAt: '2026-02-11T14:08:00Z',
  durationSeconds: 480,
  recordedAt: '2026-02-11T14:08:01.301Z',
  position: '3:12',
  version: 1,
}

const newer = {
  id: '0198c0de-0000-7000-8000-000000000002',
  application: 'platform',
  environment: 'prod',
  imageTag: 'v2.1.0-abc1234',
  gitCommit: 'abc1234',
  gitBranch: 'main',
  status: 'DEPLOYED',
  active: true,
  deployedAt: '2026-02-12T10:00:00Z',
  completedAt: '2026-02-12T10:05:00Z',
  durationSeconds: 300,
  notes: 'Drain the queue before the schema changes.',
  migrations: [{ id: '0042-add-column', reversible: true, backwardCompatible: true }],
  recordedAt: '2026-02-12T10:05:01.217Z',
  position: '3:17',
  version: 1,
}

const failed = {
  id: '0198c0de-0000-7000-8000-000000000003',
  application: 'platform',
  environment: 'prod',
  imageTag: 'v2.0.5-0a1b2c3',
  status: 'FAILED',
  active: false,
  deployedAt: '2026-02-12T09:00:00Z',
  recordedAt: '2026-02-12T09:01:00.42Z',
  position: '3:15',
  version: 1,
}

/** Answers as they look. */
export const examples = {
  record: newer,
  records: [newer, older],
  current: [newer],
  events: [
    {
      type: eventTypes.DeploymentRecorded.ceType,
      position: '3:17',
      eventId: '0198c0de-0000-7000-8000-000000000017',
      actor: 'ci@acme.example',
      time: '2026-02-12T10:00:00Z',
      recordedAt: '2026-02-12T10:05:01.217Z',
      data: {
        deploymentId: newer.id,
        application: 'platform',
        environment: 'prod',
        imageTag: 'v2.1.0-abc1234',
        status: 'DEPLOYED',
        deployedAt: '2026-02-12T10:00:00Z',
      },
    },
  ],
  existence: { imageTag: 'v2.1.0-abc1234', exists: true, deployments: 3 },
  rollbackTarget: {
    problem: newer,
    target: older,
    passedOver: [{ deployment: failed, reason: 'It FAILED.' }],
    checks: [
      {
        name: 'record',
        result: 'pass',
        detail: `v2.0.0-def5678 is on record as deployment ${older.id}, deployed at 2026-02-11T14:00:00Z.`,
      },
      { name: 'image', result: 'unknown', detail: 'No registry is configured (SHIPLOG_REGISTRY_URL).' },
      { name: 'notes', result: 'warn', detail: `Review the notes of v2.1.0-abc1234 (${newer.id}).` },
      {
        name: 'migrations',
        result: 'pass',
        detail: 'All 1 migrations are backward compatible: none need be reversed.',
      },
      {
        name: 'backwardCompatibility',
        result: 'pass',
        detail: 'No migration that would stay is known to break the older version.',
      },
    ],
  },
}

/** Why any question is refused. */
export const unavailable =
  'Postgres cannot be reached, or the position of `Shiplog-Min-Position` was not reached within 2 s.'

/** Why each call is refused. */
export const problems = {
  list: { 503: unavailable },
  one: { 404: 'The tenant has no such deployment.', 503: unavailable },
  rollbackTarget: {
    404: 'There is nothing to roll back, or nothing to roll back to: `detail` says why, `passedOver` one by one.',
    503: unavailable,
  },
}

const instant = (description: string) => ({ type: 'string', format: 'instant', description })
const uuid = (description: string) => ({ type: 'string', format: 'uuid', description })

const record = {
  type: 'object',
  required: [
    'id',
    'application',
    'environment',
    'imageTag',
    'status',
    'active',
    'deployedAt',
    'recordedAt',
    'position',
    'version',
  ],
  properties: {
    ...recordDeploymentSchema.properties,
    active: { type: 'boolean', description: 'Whether it is what runs now.' },
    durationSeconds: { type: 'number', description: '`completedAt` - `deployedAt`.' },
    rollbackDetected: {
      type: 'string',
      enum: ['reported', 'inferred'],
      description: 'Whether the pipeline said that it undoes another one, or its place among the others does.',
    },
    rollbackIgnored: {
      type: 'string',
      description: 'Why the deployment that `rollbackOf` names does not count as undone by this one.',
    },
    duringFreeze: { type: 'string', description: 'The freeze that it started in.' },
    overtakenBy: uuid('A success that started later and finished earlier.'),
    contestedBy: uuid('Of what runs: a success that started earlier and finished later.'),
    recordedAt: instant('When we learned of it.'),
    position: { type: 'string', description: 'Of its last event in the log: `<partition>:<seq>`.' },
    version: { type: 'integer', description: 'How many events it has.' },
  },
}

const event = {
  type: 'object',
  required: ['type', 'position', 'eventId', 'time', 'recordedAt', 'data'],
  properties: {
    type: {
      type: 'string',
      description: '`type` of the CloudEvent.',
      enum: Object.values(eventTypes).map(({ ceType }) => ceType),
    },
    position: { type: 'string', description: '`<partition>:<seq>`.' },
    eventId: uuid('`id` of the CloudEvent.'),
    actor: { type: 'string', description: 'Who sent the command.' },
    time: instant('When it happened.'),
    recordedAt: instant('When we learned of it.'),
    data: { type: 'object', description: 'As it stands in the log.' },
  },
}

const passedOver = {
  type: 'object',
  required: ['deployment', 'reason'],
  properties: { deployment: record, reason: { type: 'string' } },
}

const check = {
  type: 'object',
  required: ['name', 'result', 'detail'],
  properties: {
    name: { type: 'string', enum: ['record', 'image', 'notes', 'migrations', 'backwardCompatibility'] },
    result: { type: 'string', enum: ['pass', 'warn', 'fail', 'unknown'] },
    detail: { type: 'string' },
  },
}

/** What the answers consist of. */
export const schemas = {
  record,
  records: { type: 'array', items: record },
  events: { type: 'array', items: event },
  existence: {
    type: 'object',
    required: ['imageTag', 'exists', 'deployments'],
    properties: {
      imageTag: { type: 'string' },
      exists: { type: 'boolean' },
      deployments: { type: 'integer', description: 'How many records carry it.' },
    },
  },
  rollbackTarget: {
    type: 'object',
    required: ['problem', 'target', 'passedOver', 'checks'],
    properties: {
      problem: record,
      target: record,
      passedOver: { type: 'array', items: passedOver, description: 'What is between both, newest first.' },
      checks: { type: 'array', items: check },
    },
  },
}

const header = (description: string) => ({ description, schema: { type: 'string' as const } })

/**
 * Documents a 200 of JSON with the positions that it reflects.
 *
 * @param options `others`: examples of its other forms, by name
 */
export function ReadAnswer(
  description: string,
  schema: object,
  example: unknown,
  {
    paged = false,
    tagged = false,
    others,
  }: { paged?: boolean; tagged?: boolean; others?: Record<string, unknown> } = {},
): MethodDecorator {
  const named = Object.entries({ example, ...others }).map(([name, value]) => [name, { value }])
  return ApiResponse({
    status: 200,
    description,
    headers: {
      [positionHeader]: header('The positions that the answer reflects: `<partition>:<seq>`, comma-separated.'),
      ...(paged && { Link: header('`<URL>; rel="next"`: the next part; absent on the last one.') }),
      ...(tagged && {
        ETag: header('Of the answer; sent back as `If-None-Match` it gets 304 until something changes.'),
      }),
    },
    content: {
      'application/json': {
        schema: openApiSchema(schema),
        ...(others ? { examples: Object.fromEntries(named) } : { example }),
      },
    },
  })
}
