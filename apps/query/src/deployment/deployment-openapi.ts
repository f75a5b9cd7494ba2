import { deploymentSchema } from '#libs/api'
import { eventTypes } from '#libs/contracts'

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

/** Example responses. */
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
        detail: 'All migrations are backward compatible: none needs to be reversed.',
      },
      {
        name: 'backwardCompatibility',
        result: 'pass',
        detail: 'No migration that would stay is known to break the older version.',
      },
    ],
  },
}

/** Problems by kind of operation. */
export const problems = {
  one: { 404: 'The tenant has no deployment with this id.' },
  rollbackTarget: {
    404: 'There is no deployment to roll back, or none to roll back to. `detail` says why; `passedOver` lists the candidates.',
  },
}

const passedOver = {
  type: 'object',
  required: ['deployment', 'reason'],
  properties: { deployment: deploymentSchema, reason: { type: 'string', description: 'Why it is not the target.' } },
}

const check = {
  type: 'object',
  required: ['name', 'result', 'detail'],
  properties: {
    name: { type: 'string', enum: ['record', 'image', 'notes', 'migrations', 'backwardCompatibility'] },
    result: {
      type: 'string',
      enum: ['pass', 'warn', 'fail', 'unknown'],
      description:
        '`fail`: the rollback would break something; `warn`: review first; `unknown`: not enough information.',
    },
    detail: { type: 'string', description: 'Explanation of the result.' },
  },
}

/** Schemas of the responses. */
export const schemas = {
  record: deploymentSchema,
  records: { type: 'array', items: deploymentSchema },
  existence: {
    type: 'object',
    required: ['imageTag', 'exists', 'deployments'],
    properties: {
      imageTag: { type: 'string' },
      exists: { type: 'boolean' },
      deployments: { type: 'integer', description: 'Number of deployments with the tag.' },
    },
  },
  rollbackTarget: {
    type: 'object',
    required: ['problem', 'target', 'passedOver', 'checks'],
    properties: {
      problem: { allOf: [deploymentSchema], description: 'The deployment to roll back.' },
      target: { allOf: [deploymentSchema], description: 'The deployment to roll back to.' },
      passedOver: {
        type: 'array',
        items: passedOver,
        description: 'Candidates between `problem` and `target` and why each was skipped, newest first.',
      },
      checks: { type: 'array', items: check, description: 'Safety checks of the rollback.' },
    },
  },
}
