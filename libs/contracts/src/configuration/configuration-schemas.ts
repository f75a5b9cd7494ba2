import { configurationKinds } from './configuration.js'
import { data, instant, name, object, text, uuid } from '../schema/schema-parts.js'
import { named } from '../schema/named.js'
import { FORBIDDEN_NAME } from '../schema/validation.js'

export const configurationKey = name(512, {
  description: 'Key: at most 512 characters, no control characters.',
  not: { const: FORBIDDEN_NAME },
  examples: ['query.timeout'],
})
export const environmentName = name(64, {
  description: 'Name of the environment, or an alias of the pipeline. Case and surrounding spaces are ignored.',
  examples: ['staging'],
})

const anyJson = { description: 'Any JSON value, including `null`.', examples: ['120s'] }
const description = text(4096, { description: 'Purpose of the key. If omitted, the existing description is kept.' })

/** Body of `PUT .../configurations/{key}`. */
export const putConfigurationSchema = object(
  {
    value: anyJson,
    secret: {
      type: 'boolean',
      description:
        'Whether the value is a secret: stored encrypted and never returned. If omitted, the existing setting is kept.',
    },
    description,
  },
  ['value'],
)

/** Members of the value of a flag. */
export const flagMembers = {
  enabled: { type: 'boolean', description: 'Whether the flag is on.' },
  variants: {
    type: ['array', 'object'],
    items: { description: 'A name, or an object with a `name`.' },
    additionalProperties: { description: 'A variant; its name is that of the member.' },
    description: 'Variants: an array of names or of objects with a `name`, or an object by name.',
  },
  rules: {
    type: 'array',
    maxItems: 1000,
    items: { type: 'object', additionalProperties: true, description: 'A rule; any members are kept.' },
    description: 'Rules in order of evaluation. A rule may have a `variant` and a `percentage`.',
  },
} as const

/** Body of `PUT .../flags/{key}`. */
export const putFlagSchema = named('FlagSetting', object({ ...flagMembers, description }, ['enabled']))

export const MOST_KEYS = 10_000
const keys = (words: string) => ({ type: 'array', maxItems: MOST_KEYS, items: configurationKey, description: words })

/** Body of `PATCH .../configurations`. */
export const patchConfigurationsSchema = object({
  set: {
    type: 'object',
    maxProperties: MOST_KEYS,
    propertyNames: configurationKey,
    additionalProperties: anyJson,
    description: 'Values by key.',
    examples: [{ 'query.timeout': '180s' }],
  },
  delete: keys('Keys to delete. Keys that do not exist are ignored.'),
  secrets: keys('Keys of `set` that are secrets.'),
})

/** Body of `PUT .../configurations`. */
export const wholeConfigurationSchema = named('ConfigurationValues', {
  type: 'object',
  maxProperties: MOST_KEYS,
  propertyNames: configurationKey,
  additionalProperties: anyJson,
  description: 'Values by key: the complete configuration of the environment.',
})

/** Body of `PATCH .../flags`. */
export const patchFlagsSchema = object({
  set: {
    type: 'object',
    maxProperties: MOST_KEYS,
    propertyNames: configurationKey,
    additionalProperties: putFlagSchema,
    description: 'Flags by key.',
  },
  delete: patchConfigurationsSchema.properties.delete,
})

const sealed = data({ keyId: name(64), ciphertext: { type: 'string' }, hash: { type: 'string' } }, [
  'keyId',
  'ciphertext',
  'hash',
])
const entry = data({ value: {}, sealed, description: { type: 'string' } }, [])

export const keyOfKind = {
  kind: { type: 'string', enum: [...configurationKinds] },
  key: { type: 'string', minLength: 1 },
}
export const configurationChangeSchema = data(
  { ...keyOfKind, before: entry, after: entry, restoredRevision: { type: 'integer', minimum: 0 } },
  ['kind', 'key'],
)
export const configurationEntrySchema = entry

export const configurationChangedSchema = data(
  {
    environment: environmentName,
    changedAt: instant('Time of the change.'),
    by: name(256),
    changes: { type: 'array', minItems: 1, items: configurationChangeSchema },
    cause: data(
      { promotionId: uuid('Id of the promotion.'), action: { type: 'string', enum: ['executed', 'rolledback'] } },
      ['promotionId', 'action'],
    ),
  },
  ['environment', 'changedAt', 'changes'],
)
