import { flagMembers, named, wholeConfigurationSchema } from '#libs/contracts'
import type { FromSchema } from 'json-schema-to-ts'
import {
  configurationExamples,
  configurationSchema,
  keyHead,
  keyTail,
  valueMembers,
  warnings,
} from './configuration.js'
import { anyJson, arrayOf, enumOf, instant, integer, positionOf, response, string, uuid } from '../schema/parts.js'

const changeTail = {
  ...keyTail,
  deleted: { type: 'boolean', description: 'Whether the change deleted the key; it has no value then.' },
  recordedAt: instant('Time at which Shiplog recorded the change.'),
  position: positionOf('Log position of the event.'),
  cause: named('ConfigurationCause', {
    ...response(
      {
        promotionId: uuid('Id of the promotion.'),
        action: enumOf(['executed', 'rolledback'], 'What happened to the promotion.'),
      },
      ['promotionId', 'action'],
    ),
    description: 'The promotion that made the change; absent for other writes.',
  }),
} as const
const changeRequired = ['id', 'key', 'revision', 'updatedAt', 'recordedAt', 'position'] as const

/** An item of the history of a configuration. */
export const configurationChangeSchema = named(
  'ConfigurationChange',
  response({ ...keyHead, ...valueMembers, ...changeTail }, changeRequired),
)
/** An item of the history of a feature flag. */
export const flagChangeSchema = named(
  'FlagChange',
  response({ ...keyHead, ...flagMembers, ...changeTail }, changeRequired),
)

/** The response of a write of many keys. */
export const bulkChangeSchema = named(
  'BulkChange',
  response(
    {
      environment: string('Name of the environment in the pipeline.'),
      revision: integer('Revision of the environment after the change. The `ETag` refers to it.'),
      set: integer('Number of keys that were created or changed.'),
      deleted: integer('Number of keys that were deleted.'),
      unchanged: integer('Number of keys of the request that already had their value.'),
      warnings,
    },
    ['environment', 'revision', 'set', 'deleted', 'unchanged'],
  ),
)
export type BulkChange = FromSchema<typeof bulkChangeSchema>

const key = string('The key.')
const value = anyJson('The value; `"********"` for a secret.')

/** A key and its value, in a comparison. */
export const keyValueSchema = named('KeyValue', response({ key, value }, ['key', 'value']))

/** The response of a dry run of a file. */
const fileChangesSchema = named(
  'FileChanges',
  response(
    {
      dryRun: { type: 'boolean', enum: [true], description: 'Nothing was changed.' },
      environment: string('Name of the environment in the pipeline.'),
      revision: integer('Revision of the environment to which the changes apply; 0: it has never been configured.'),
      added: arrayOf(keyValueSchema, 'Keys that the file would create.'),
      modified: arrayOf(
        named(
          'ModifiedKey',
          response({ key, before: anyJson('The value now.'), after: anyJson('The value of the file.') }, [
            'key',
            'before',
            'after',
          ]),
        ),
        'Keys that the file would change.',
      ),
      removed: arrayOf(keyValueSchema, 'Keys that the file would delete.'),
      unchanged: integer('Number of keys that already have the value of the file.'),
    },
    ['dryRun', 'environment', 'revision', 'added', 'modified', 'removed', 'unchanged'],
  ),
)
export type FileChanges = FromSchema<typeof fileChangesSchema>

/** Two shapes of `GET .../configurations`: a page, or with `export=true` all values by key. */
export const configurationsSchema = {
  oneOf: [arrayOf(configurationSchema, 'A page of configurations, by key.'), wholeConfigurationSchema],
}

/** Two shapes of `PUT .../configurations`: what was changed, or with `dryRun=true` what would be. */
export const fileResultSchema = { oneOf: [bulkChangeSchema, fileChangesSchema] }

const { configuration, flag } = configurationExamples
const recorded = { recordedAt: '2026-02-12T10:00:00.012Z', position: '3:17' }
const added = [{ key: 'query.limit', value: 500 }]

/** Examples of responses. */
export const configurationChangeExamples = {
  history: [
    {
      ...configuration,
      ...recorded,
      cause: { promotionId: '0198c0de-0000-7000-8000-0000000000a1', action: 'executed' },
    },
    {
      id: configuration.id,
      key: configuration.key,
      deleted: true,
      revision: 6,
      updatedAt: '2026-02-11T10:00:00Z',
      updatedBy: 'dev@acme.example',
      recordedAt: '2026-02-11T10:00:00.008Z',
      position: '3:12',
    },
  ] satisfies FromSchema<typeof configurationChangeSchema>[],
  flagHistory: [{ ...flag, ...recorded }] satisfies FromSchema<typeof flagChangeSchema>[],
  bulkChange: { environment: 'staging', revision: 8, set: 2, deleted: 1, unchanged: 0 } satisfies BulkChange,
  fileChanges: {
    dryRun: true,
    environment: 'staging',
    revision: 7,
    added,
    modified: [{ key: 'query.timeout', before: '120s', after: '180s' }],
    removed: [],
    unchanged: 35,
  } satisfies FileChanges,
}
