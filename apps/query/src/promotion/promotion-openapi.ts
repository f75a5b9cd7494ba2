import { promotionExamples, promotionSchema } from '#libs/api'
import { eventTypes } from '#libs/contracts'
import { unavailable } from '../reads/read-openapi.js'

const { id, contentHash } = promotionExamples.validated
const modified = { key: 'query.timeout', sourceValue: '180s', targetValue: '120s' }

/** Example responses. */
export const examples = {
  promotion: promotionExamples.validated,
  promotions: [promotionExamples.validated],
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
const keyOf = (values: object) => ({ type: 'object', required: ['key'], properties: { key: string, ...values } })

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
