import { createPromotionSchema, eventTypes, promotionStates } from '#libs/contracts'
import { unavailable } from '../reads/read-openapi.js'

const id = '0198c0de-0000-7000-8000-000000000004'
const contentHash = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'

const promotion = {
  id,
  sourceEnvironment: 'staging',
  targetEnvironment: 'production',
  promotionType: 'PATTERN',
  keyPatterns: ['query.*'],
  state: 'VALIDATED',
  createdAt: '2026-02-12T10:00:00Z',
  createdBy: { userId: 'ann', userEmail: 'ann@acme.example' },
  contentHash,
  quorum: 2,
  approvals: [{ userId: 'bob', at: '2026-02-12T10:10:00Z', contentHash }],
  conflicts: [],
  findings: [],
  allowedActions: ['validate', 'approve', 'reject', 'cancel'],
  recordedAt: '2026-02-12T10:00:00.012Z',
  position: '3:21',
  version: 3,
}
const modified = { key: 'query.timeout', sourceValue: '180s', targetValue: '120s' }

/** Example responses. */
export const examples = {
  promotion,
  promotions: [promotion],
  events: [
    {
      type: eventTypes.PromotionApproved.ceType,
      position: '3:21',
      eventId: '0198c0de-0000-7000-8000-000000000021',
      actor: 'bob',
      time: '2026-02-12T10:10:00Z',
      recordedAt: '2026-02-12T10:10:00.008Z',
      data: { promotionId: id, at: '2026-02-12T10:10:00Z', by: { userId: 'bob' }, contentHash, quorumReached: false },
    },
  ],
  diff: {
    sourceEnvironment: 'staging',
    targetEnvironment: 'production',
    added: [{ key: 'ai.new-model', value: 'gpt-4-turbo' }],
    modified: [modified],
    removed: [],
    unchanged: 35,
    flags: { added: [], modified: [], removed: [], unchanged: 2 },
  },
  drift: {
    source: 'staging',
    target: 'production',
    asOf: '2026-02-12T12:00:00Z',
    rows: [
      {
        kind: 'configuration',
        ...modified,
        state: 'modified',
        since: '2026-02-12T10:00:00Z',
        ageSeconds: 7200,
        cause: { environment: 'staging', revision: 7, position: '3:17', by: 'ann' },
      },
    ],
  },
}

/** Problems by kind of operation. */
export const problems = {
  one: { 404: 'The tenant has no promotion with this id.', 503: unavailable },
  drift: {
    404: 'An environment is unknown: not in the pipeline, and without configuration. `environments` lists the known ones.',
    503: unavailable,
  },
}

const string = { type: 'string' }
const instant = (description: string) => ({ type: 'string', format: 'instant', description })
const list = (items: object, description?: string) => ({ type: 'array', items, ...(description && { description }) })
const person = { userId: string, userEmail: string }
const keyOf = (values: object) => ({ type: 'object', required: ['key'], properties: { key: string, ...values } })

const promotionSchema = {
  type: 'object',
  required: [
    'id',
    'sourceEnvironment',
    'targetEnvironment',
    'promotionType',
    'state',
    'createdAt',
    'approvals',
    'conflicts',
    'findings',
    'allowedActions',
    'recordedAt',
    'position',
    'version',
  ],
  properties: {
    id: { type: 'string', format: 'uuid' },
    ...createPromotionSchema.properties,
    state: { type: 'string', enum: [...promotionStates] },
    createdAt: instant('Time of the creation.'),
    createdBy: { type: 'object', properties: person },
    contentHash: { type: 'string', description: 'Hash of the validated content, to which approvals apply.' },
    quorum: { type: 'integer', description: 'Number of approvals that it needs.' },
    approvals: list(
      { type: 'object', properties: { ...person, at: instant('Time of the approval.'), contentHash: string } },
      'Approvals of the validated content.',
    ),
    conflicts: list(keyOf({}), 'Keys of the target that changed after the validation.'),
    findings: list(
      { type: 'object', properties: { severity: string, key: string, detail: string } },
      'Findings of the validation.',
    ),
    allowedActions: list(string, 'Actions that its state allows.'),
    scheduledAt: instant('Time of the scheduled execution.'),
    expiresAfter: { ...string, description: 'ISO 8601 duration after which a scheduled execution is too late.' },
    executedAt: instant('Time of the execution.'),
    deploymentId: {
      type: 'string',
      format: 'uuid',
      description: 'Id of the deployment of its image in the target, once recorded.',
    },
    failure: { type: 'string', description: 'Why the execution failed.' },
    recordedAt: instant('Time at which Shiplog recorded the promotion.'),
    position: { type: 'string', description: 'Position of its last event in the log. Opaque.' },
    version: { type: 'integer', description: 'Number of its events.' },
  },
}

const differences = {
  added: list(keyOf({ value: {} }), 'Keys only in the source.'),
  modified: list(keyOf({ sourceValue: {}, targetValue: {} }), 'Keys with different values.'),
  removed: list(keyOf({ value: {} }), 'Keys only in the target.'),
  unchanged: { type: 'integer', description: 'Number of keys with equal values.' },
}

const driftRow = keyOf({
  kind: { type: 'string', enum: ['configuration', 'flag'] },
  state: { type: 'string', enum: ['added', 'modified', 'removed'] },
  sourceValue: {},
  targetValue: {},
  since: instant('Time since which the key differs without a break.'),
  ageSeconds: { type: 'number', description: 'Seconds from `since` to `asOf`.' },
  cause: {
    type: 'object',
    description: 'The change that began the difference.',
    properties: {
      environment: string,
      revision: { type: 'integer' },
      position: { ...string, description: 'Position of the change in the log. Opaque.' },
      by: string,
      promotionId: { type: 'string', format: 'uuid' },
    },
  },
})

/** Schemas of the responses. */
export const schemas = {
  promotion: promotionSchema,
  promotions: list(promotionSchema),
  diff: {
    type: 'object',
    required: ['sourceEnvironment', 'targetEnvironment', ...Object.keys(differences), 'flags'],
    properties: {
      sourceEnvironment: string,
      targetEnvironment: string,
      ...differences,
      flags: { type: 'object', properties: differences },
      asOf: instant('Time of the comparison, if requested.'),
    },
  },
  drift: {
    type: 'object',
    required: ['source', 'target', 'asOf', 'rows'],
    properties: { source: string, target: string, asOf: instant('Time of the comparison.'), rows: list(driftRow) },
  },
}
