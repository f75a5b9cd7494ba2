import { named, putFreezesSchema, putKeySchemaSchema, putPipelineSchema } from '#libs/contracts'
import type { FromSchema } from 'json-schema-to-ts'
import { arrayOf, described, instant, response, string } from './schema/parts.js'

/** The pipeline and the freezes are answered as they are sent. */
export const pipelineSchema = putPipelineSchema
export const freezesSchema = putFreezesSchema

/** A key schema: the response of its PUT, and an item of the list. */
export const keySchemaSchema = named(
  'KeySchema',
  response(
    {
      keyPattern: string('Glob of the keys to which the schema applies.'),
      schema: described(putKeySchemaSchema, 'JSON Schema of their values.'),
      updatedAt: instant('Time of the last change. Only in responses to GET.'),
      updatedBy: string('Actor of the last change. Only in responses to GET.'),
    },
    ['keyPattern', 'schema'],
  ),
)
export const keySchemasSchema = arrayOf(keySchemaSchema, 'All key schemas, by pattern.')

const schema = { type: 'string', pattern: '^[0-9]+s$' }

/** Examples of bodies and responses. */
export const pipelineExamples = {
  pipeline: {
    environments: [
      { name: 'dev', aliases: ['development'], approvals: 0 },
      { name: 'staging', aliases: ['stage'], approvals: 1 },
      { name: 'production', aliases: ['prod'], approvals: 2 },
    ],
    allowSkipping: false,
  } satisfies FromSchema<typeof pipelineSchema>,
  freezes: [
    { name: 'christmas', from: '2026-12-23T00:00:00Z', to: '2027-01-02T00:00:00Z', reason: 'Holidays' },
    {
      name: 'weekend',
      environments: ['production'],
      reason: 'no support staff on duty',
      overridableBy: ['oncall@acme.example'],
      cron: '0 18 * * FRI',
      duration: 'P2DT12H',
      timezone: 'Europe/Vienna',
    },
  ] satisfies FromSchema<typeof freezesSchema>,
  schema,
  keySchema: { keyPattern: 'query.*', schema } satisfies FromSchema<typeof keySchemaSchema>,
  keySchemas: [
    { keyPattern: 'query.*', schema, updatedAt: '2026-02-12T10:00:00Z', updatedBy: 'ann' },
  ] satisfies FromSchema<typeof keySchemasSchema>,
}
