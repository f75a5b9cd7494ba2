import { configurationKey } from '#libs/contracts'
import { NamePath, TextPath } from '#libs/http'
import { unavailable } from '../deployment-documentation.js'

/** Where the keys of an environment are. */
export const environmentsPath = 'api/v1/config/environments/:environment'

export const EnvironmentPath = (): ParameterDecorator =>
  TextPath('environment', 'The environment; aliases of the pipeline resolve.', 64)
export const KeyPath = (): ParameterDecorator => NamePath('key', 'The key; `/` in it is `%2F`.', configurationKey)

const id = '5d1f4a0e-9b7c-5f43-8a51-6a4a2f0c7e12'
const since = { revision: 7, updatedAt: '2026-02-12T10:00:00Z', updatedBy: 'dev@acme.example' }
const recorded = { recordedAt: '2026-02-12T10:00:00.012Z', position: '3:17' }
const configuration = { id, key: 'query.timeout', value: '180s', description: 'How long a query may take.', ...since }
const secret = { id, key: 'smtp.password', value: '********', secret: true, ...since }
const flag = { id, key: 'new-search', enabled: true, variants: ['a', 'b'], ...since }
const cause = { promotionId: '0198c0de-0000-7000-8000-000000000004', action: 'executed' }

/** Answers as they look. */
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

/** Why each call is refused. */
export const problems = {
  list: { 503: unavailable },
  one: { 404: 'There is no such key.', 503: unavailable },
}

const instant = (description: string) => ({ type: 'string', format: 'instant', description })

const head = {
  id: { type: 'string', format: 'uuid', description: 'The same for ever: promotions select by it.' },
  key: { type: 'string' },
}
const tail = {
  description: { type: 'string' },
  revision: { type: 'integer', description: 'Of the environment, at which this key last changed: its ETag.' },
  updatedAt: instant('When it was changed.'),
  updatedBy: { type: 'string', description: 'Who changed it.' },
}
const ofConfiguration = {
  value: { description: 'Any JSON; `********` for a secret.' },
  secret: { type: 'boolean', description: 'Whether it is kept sealed, or became a secret later: it is not shown.' },
}
const ofFlag = {
  enabled: { type: 'boolean' },
  variants: { description: 'Names, objects with a `name`, or an object by name.' },
  rules: { type: 'array', items: { type: 'object' } },
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
    deleted: { type: 'boolean', description: 'Nothing stood there from then on.' },
    recordedAt: instant('When we learned of it.'),
    position: { type: 'string', description: '`<partition>:<seq>`.' },
    cause: {
      type: 'object',
      description: 'The promotion that changed it.',
      properties: {
        promotionId: { type: 'string', format: 'uuid' },
        action: { type: 'string', enum: ['executed', 'rolledback'] },
      },
    },
  },
}

/** What the answers consist of. */
export const schemas = {
  configuration: configurationSchema,
  configurations: { type: 'array', items: configurationSchema },
  flag: flagSchema,
  flags: { type: 'array', items: flagSchema },
  history: { type: 'array', items: change },
}
