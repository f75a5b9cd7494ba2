import { environmentName } from './configuration-schemas.js'
import { data, duration, instant, name, object, text } from './schema-parts.js'

const environment = {
  name: environmentName,
  aliases: { type: 'array', maxItems: 16, items: environmentName },
  approvals: { type: 'integer', minimum: 0, maximum: 100, description: 'People who must approve a promotion into it.' },
}
const MOST_ENVIRONMENTS = 64
const flag = (description: string) => ({ type: 'boolean', description })

/** Body of `PUT /config/pipeline`. */
export const putPipelineSchema = object(
  {
    environments: {
      type: 'array',
      minItems: 1,
      maxItems: MOST_ENVIRONMENTS,
      items: object(environment, ['name']),
      description: 'In the order of promotion.',
    },
    allowSkipping: flag('Whether a promotion may leave an environment out.'),
    authorMayApprove: flag('Whether the author of a promotion may approve it.'),
  },
  ['environments'],
)

const freeze = {
  name: name(128, { examples: ['christmas'] }),
  environments: {
    type: 'array',
    maxItems: MOST_ENVIRONMENTS,
    items: environmentName,
    description: 'All where left out.',
  },
  reason: text(1024),
  overridableBy: {
    type: 'array',
    maxItems: 100,
    items: name(256),
    description: 'Anyone where left out, nobody where empty.',
  },
  from: instant('Begins, included.', '2026-12-23T00:00:00Z'),
  to: instant('Ends, excluded.', '2027-01-02T00:00:00Z'),
  cron: name(128, { description: 'Begins again and again: five cron fields.', examples: ['0 18 * * FRI'] }),
  duration: duration('How long each time, in ISO 8601; days and weeks are calendar days in `timezone`.', 'P2DT12H'),
  timezone: name(64, {
    description: 'Of `cron` and `duration`: an IANA name; UTC where left out.',
    examples: ['Europe/Vienna'],
  }),
}

/** Body of `PUT /config/pipeline/freezes`: all of them. */
export const putFreezesSchema = { type: 'array', maxItems: 200, items: object(freeze, ['name']) }

/** A glob of keys. */
export const keyPatternName = name(256, { examples: ['query.*'] })

/** Body of `PUT /config/schemas/{keyPattern}`: a JSON Schema (2020-12). */
export const putKeySchemaSchema = { type: ['object', 'boolean'], description: 'A JSON Schema (2020-12).' }

export const pipelineChangedSchema = data(
  {
    changedAt: instant('When it was put.'),
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
