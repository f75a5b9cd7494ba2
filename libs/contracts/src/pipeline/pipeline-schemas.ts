import { environmentName } from '../configuration/configuration-schemas.js'
import { named } from '../schema/named.js'
import { data, duration, instant, name, object, text } from '../schema/schema-parts.js'

const environment = {
  name: environmentName,
  aliases: { type: 'array', maxItems: 16, items: environmentName, description: 'Other names of the environment.' },
  approvals: {
    type: 'integer',
    minimum: 0,
    maximum: 100,
    description: 'Number of people who must approve a promotion to this environment. Default: 0.',
  },
} as const
const MOST_ENVIRONMENTS = 64
const flag = (description: string) => ({ type: 'boolean', description }) as const

/** Body of `PUT /config/pipeline`. */
export const putPipelineSchema = named(
  'Pipeline',
  object(
    {
      environments: {
        type: 'array',
        minItems: 1,
        maxItems: MOST_ENVIRONMENTS,
        items: named('PipelineEnvironment', object(environment, ['name'])),
        description: 'Environments in the order of promotion.',
      },
      allowSkipping: flag('Whether a promotion may skip environments. Default: no.'),
      authorMayApprove: flag('Whether the author of a promotion may approve it. Default: no.'),
    },
    ['environments'],
  ),
)

const freeze = {
  name: name(128, { description: 'Name of the freeze.', examples: ['christmas'] }),
  environments: {
    type: 'array',
    maxItems: MOST_ENVIRONMENTS,
    items: environmentName,
    description: 'Environments of the freeze. Default: all.',
  },
  reason: text(1024, { description: 'Reason of the freeze.' }),
  overridableBy: {
    type: 'array',
    maxItems: 100,
    items: name(256),
    description: 'People (user id or e-mail address) who may override the freeze. Default: everyone; empty: nobody.',
  },
  from: instant('Start, inclusive.', '2026-12-23T00:00:00Z'),
  to: instant('End, exclusive.', '2027-01-02T00:00:00Z'),
  cron: name(128, { description: 'Recurring start: a cron pattern of five fields.', examples: ['0 18 * * FRI'] }),
  duration: duration(
    'ISO 8601 duration of each occurrence. Days and weeks are calendar days in `timezone`.',
    'P2DT12H',
  ),
  timezone: name(64, {
    description: 'IANA time zone of `cron` and `duration`. Default: UTC.',
    examples: ['Europe/Vienna'],
  }),
} as const

/** Body of `PUT /config/pipeline/freezes`. */
export const putFreezesSchema = {
  type: 'array',
  maxItems: 200,
  items: named('Freeze', object(freeze, ['name'])),
} as const

export const keyPatternName = name(256, { examples: ['query.*'] })

/** Body of `PUT /config/schemas/{keyPattern}`. */
export const putKeySchemaSchema = named('JsonSchema', {
  type: ['object', 'boolean'],
  additionalProperties: true,
  description: 'A JSON Schema (2020-12).',
})

export const pipelineChangedSchema = data(
  {
    changedAt: instant('Time of the change.'),
    by: name(256),
    pipeline: data({ environments: { type: 'array', minItems: 1, items: data(environment, ['name']) } }, [
      'environments',
    ]),
    configurationNames: { type: 'object', additionalProperties: environmentName },
    freezes: { type: 'array', items: data(freeze, ['name']) },
    keySchema: data({ keyPattern: name(256), schema: {} }, ['keyPattern']),
  },
  ['changedAt'],
)
