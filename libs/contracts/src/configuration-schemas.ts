import { configurationKinds } from './configuration.js'
import { data, instant, name, object, text, uuid } from './schema-parts.js'
import { FORBIDDEN_NAME } from './validation.js'

/** A key: up to 512 characters, none of them a control character, and not `__proto__`. */
export const configurationKey = name(512, {
  description: 'The key.',
  not: { const: FORBIDDEN_NAME },
  examples: ['query.timeout'],
})
/** The name of an environment. */
export const environmentName = name(64, {
  description: 'Aliases of the pipeline resolve; case and spaces at the ends make no difference.',
  examples: ['staging'],
})

const anyJson = { description: 'Any JSON, `null` too.', examples: ['120s'] }
const description = text(4096, { description: 'What it is for. Left out: as it was.' })

/** Body of `PUT .../configurations/{key}`. */
export const putConfigurationSchema = object(
  {
    value: anyJson,
    secret: { type: 'boolean', description: 'Whether it is kept sealed and never shown. Left out: as it was.' },
    description,
  },
  ['value'],
)

const flagValue = {
  enabled: { type: 'boolean', description: 'Whether the flag is on.' },
  variants: { type: ['array', 'object'], description: 'Names, objects with a `name`, or an object by name.' },
  rules: {
    type: 'array',
    maxItems: 1000,
    items: { type: 'object' },
    description: 'In order; a rule may name a `variant` and a `percentage`.',
  },
}

/** Body of `PUT .../flags/{key}`. */
export const putFlagSchema = object({ ...flagValue, description }, ['enabled'])

export const MOST_KEYS = 10_000
const keys = (words: string) => ({ type: 'array', maxItems: MOST_KEYS, items: configurationKey, description: words })

/** Body of `PATCH .../configurations`: all of it, or nothing. */
export const patchConfigurationsSchema = object({
  set: {
    type: 'object',
    maxProperties: MOST_KEYS,
    propertyNames: configurationKey,
    additionalProperties: anyJson,
    description: 'Values by key.',
    examples: [{ 'query.timeout': '180s' }],
  },
  delete: keys('Keys to be deleted; one that is not there is nothing.'),
  secrets: keys('Which of the keys in `set` are secrets.'),
})

/** A whole environment, as a file has it. */
export const wholeConfigurationSchema = {
  type: 'object',
  maxProperties: MOST_KEYS,
  propertyNames: configurationKey,
  description: 'Values by key: everything that the environment is to hold.',
}

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
/** One key, before and after. */
export const configurationChangeSchema = data(
  { ...keyOfKind, before: entry, after: entry, restoredRevision: { type: 'integer', minimum: 0 } },
  ['kind', 'key'],
)
export const configurationEntrySchema = entry

export const configurationChangedSchema = data(
  {
    environment: environmentName,
    changedAt: instant('When it changed.'),
    by: name(256),
    changes: { type: 'array', minItems: 1, items: configurationChangeSchema },
    cause: data({ promotionId: uuid('The promotion.'), action: { type: 'string', enum: ['executed', 'rolledback'] } }, [
      'promotionId',
      'action',
    ]),
  },
  ['environment', 'changedAt', 'changes'],
)
