import {
  configurationChangeSchema,
  configurationEntrySchema,
  environmentName,
  keyOfKind,
} from '../configuration/configuration-schemas.js'
import { promotionTypes } from './promotion.js'
import { named } from '../schema/named.js'
import { data, duration, instant, name, object, text, uuid } from '../schema/schema-parts.js'

const MOST_IDS = 10_000
// Not only UUIDs: the example of source 004 shortens them. Unknown ids become findings of the validation.
const ids = (description: string) => ({ type: 'array', maxItems: MOST_IDS, items: name(64), description }) as const

const request = {
  sourceEnvironment: environmentName,
  targetEnvironment: { ...environmentName, examples: ['production'] },
  promotionType: { type: 'string', enum: [...promotionTypes] },
  configIds: ids('Ids of configurations in the source environment.'),
  flagIds: ids('Ids of flags in the source environment.'),
  keyPatterns: {
    type: 'array',
    maxItems: 1000,
    items: name(256),
    description: 'Globs of configuration keys: `*`, `?`, `[a-z]`.',
    examples: [['query.*']],
  },
  deleteRemoved: {
    type: 'boolean',
    description: 'Delete keys that exist in the target only. Only allowed with the `promotionType` FULL.',
  },
  image: named('PromotedImage', object({ application: name(128), imageTag: name(256) }, ['application', 'imageTag'])),
  notes: text(16_384),
} as const

/** Body of `POST /config/promotions`. */
export const createPromotionSchema = object(request, ['sourceEnvironment', 'targetEnvironment', 'promotionType'])

const reason = text(4096)
const overrideFreeze = text(1024, { description: 'Reason for executing the promotion during a freeze of the target.' })
export const validatePromotionSchema = object({})
export const approvePromotionSchema = object({
  comment: reason,
  contentHash: {
    type: 'string',
    format: 'sha256',
    description: 'Hash of the reviewed content. If the content has another hash now: 409.',
  },
})
export const rejectPromotionSchema = object({ reason })
export const cancelPromotionSchema = object({ reason })
export const executePromotionSchema = object({ overrideFreeze })
export const schedulePromotionSchema = object(
  {
    at: instant('Time of the execution.', '2026-12-01T06:00:00Z'),
    expiresAfter: duration('ISO 8601 duration: maximum delay of the execution.', 'PT1H'),
    overrideFreeze,
  },
  ['at'],
)
export const rollBackPromotionSchema = object({
  reason,
  force: { type: 'boolean', description: 'Restore keys that changed since the execution, too.' },
})

const person = data({ userId: name(256), userEmail: name(320) }, [])
const promotionEvent = (properties: object, required: string[] = []) =>
  data({ promotionId: uuid('Id of the promotion.'), at: instant('Time of the action.'), by: person, ...properties }, [
    'promotionId',
    'at',
    ...required,
  ])
const hash = { type: 'string', pattern: '^[0-9a-f]{64}$' }
const revision = { type: 'integer', minimum: 0 }
const environments = { sourceEnvironment: environmentName, targetEnvironment: environmentName }
const changes = { type: 'array', items: configurationChangeSchema }

export const promotionCreatedSchema = promotionEvent({ tenant: name(64), ...request }, [
  'by',
  'tenant',
  'sourceEnvironment',
  'targetEnvironment',
  'promotionType',
])
export const promotionValidatedSchema = promotionEvent(
  {
    outcome: { type: 'string', enum: ['VALIDATED', 'VALIDATION_FAILED', 'APPROVED'] },
    findings: {
      type: 'array',
      items: data({ severity: { enum: ['error', 'warning'] }, key: { type: 'string' }, detail: { type: 'string' } }, [
        'severity',
        'detail',
      ]),
    },
    conflicts: {
      type: 'array',
      items: data({ ...keyOfKind, expectedRevision: revision, actualRevision: revision }, ['kind', 'key']),
    },
    content: {
      type: 'array',
      items: data(
        { ...keyOfKind, source: configurationEntrySchema, target: configurationEntrySchema, targetRevision: revision },
        ['kind', 'key', 'targetRevision'],
      ),
    },
    contentHash: hash,
    quorum: revision,
  },
  ['outcome', 'findings'],
)
export const promotionApprovedSchema = promotionEvent(
  { contentHash: hash, comment: reason, quorumReached: { type: 'boolean' }, quorum: revision },
  ['by', 'contentHash', 'quorumReached'],
)
export const promotionRejectedSchema = promotionEvent({ reason })
export const promotionScheduledSchema = promotionEvent(
  { scheduledAt: instant('Time of the execution.'), expiresAfter: name(32), overrideFreeze },
  ['scheduledAt'],
)
export const promotionExecutedSchema = promotionEvent(
  {
    ...environments,
    targetName: environmentName,
    configurationName: environmentName,
    changes,
    contentHash: hash,
    image: data({ application: name(128), imageTag: name(256) }, ['application', 'imageTag']),
    targetRevision: revision,
    overriddenFreeze: data({ reason: { type: 'string' }, freeze: { type: 'string' } }, ['reason', 'freeze']),
  },
  ['sourceEnvironment', 'targetEnvironment', 'changes', 'contentHash', 'targetRevision'],
)
export const promotionFailedSchema = promotionEvent({ failure: { type: 'string', minLength: 1 } }, ['failure'])
export const promotionRolledBackSchema = promotionEvent(
  { ...environments, changes, reason, forced: { type: 'boolean' } },
  ['sourceEnvironment', 'targetEnvironment', 'changes'],
)
export const promotionCancelledSchema = promotionEvent({ reason })
