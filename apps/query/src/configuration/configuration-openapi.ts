import { configurationKey } from '#libs/contracts'
import { NamePath, TextPath } from '#libs/http'
import { unavailable } from '../reads/read-openapi.js'

/** Path of an environment. */
export const environmentsPath = 'api/v1/config/environments/:environment'

export const EnvironmentPath = (): ParameterDecorator =>
  TextPath('environment', 'Name or alias of the environment; case and surrounding spaces are ignored.', 64)
export const KeyPath = (): ParameterDecorator => NamePath('key', 'The key. Encode `/` as `%2F`.', configurationKey)

const id = '5d1f4a0e-9b7c-5f43-8a51-6a4a2f0c7e12'
const since = { revision: 7, updatedAt: '2026-02-12T10:00:00Z', updatedBy: 'dev@acme.example' }
const recorded = { recordedAt: '2026-02-12T10:00:00.012Z', position: '3:17' }
const configuration = { id, key: 'query.timeout', value: '180s', description: 'Timeout of a query.', ...since }
const secret = { id, key: 'smtp.password', value: '********', secret: true, ...since }
const flag = { id, key: 'new-search', enabled: true, variants: ['a', 'b'], ...since }
const cause = { promotionId: '0198c0de-0000-7000-8000-000000000004', action: 'executed' }

/** Example responses. */
export const examples = {
  configuration,
  configurations: [configuration, secret],
  flag,
  flags: [flag],
  history: [
    { ...configuration, ...recorded, cause },
    { id, key: 'query.timeout', deleted: true, ...since, revision: 6, ...recorded },
  ],
  flagHistory: [{ ...flag, ...recorded }],
}

/** Problems by kind of operation. */
export const problems = {
  one: { 404: 'The environment has no such key.', 503: unavailable },
}

const instant = (description: string) => ({ type: 'string', format: 'instant', description })

const head = {
  id: { type: 'string', format: 'uuid', description: 'Permanent id, by which promotions select the key.' },
  key: { type: 'string', description: 'The key, unique in its environment.' },
}
const tail = {
  description: { type: 'string', description: 'Purpose of the key.' },
  revision: { type: 'integer', description: 'Revision of the environment at which this key last changed.' },
  updatedAt: instant('Time of the last change.'),
  updatedBy: { type: 'string', description: 'Actor of the last change.' },
}
const ofConfiguration = {
  value: { description: 'Any JSON value; `********` for a secret.' },
  secret: { type: 'boolean', description: 'Whether the value is a secret, or became one later; secrets are masked.' },
}
const ofFlag = {
  enabled: { type: 'boolean', description: 'Whether the flag is on.' },
  variants: {
    description: 'Variants: a list of names or of objects with a `name`, or an object with a member for each variant.',
    oneOf: [
      { type: 'array', items: { oneOf: [{ type: 'string' }, { type: 'object', additionalProperties: true }] } },
      { type: 'object', additionalProperties: true },
    ],
  },
  rules: {
    type: 'array',
    description: 'Targeting rules, in order.',
    items: { type: 'object', additionalProperties: true },
  },
}
const required = ['id', 'key', 'revision', 'updatedAt']

const configurationSchema = {
  type: 'object',
  required: [...required, 'value'],
  properties: { ...head, ...ofConfiguration, ...tail },
}
const flagSchema = { type: 'object', required: [...required, 'enabled'], properties: { ...head, ...ofFlag, ...tail } }
const change = {
  type: 'object',
  required: [...required, 'recordedAt', 'position'],
  properties: {
    ...head,
    ...ofConfiguration,
    ...ofFlag,
    ...tail,
    deleted: { type: 'boolean', description: 'Whether the change deleted the key.' },
    recordedAt: instant('Time at which Shiplog recorded the change.'),
    position: { type: 'string', description: 'Position of the event in the log. Opaque.' },
    cause: {
      type: 'object',
      description: 'The promotion that made the change; absent for other writes.',
      properties: {
        promotionId: { type: 'string', format: 'uuid' },
        action: { type: 'string', enum: ['executed', 'rolledback'] },
      },
    },
  },
}

/** Schemas of the responses. */
export const schemas = {
  configuration: configurationSchema,
  configurations: { type: 'array', items: configurationSchema },
  flag: flagSchema,
  flags: { type: 'array', items: flagSchema },
  history: { type: 'array', items: change },
}
