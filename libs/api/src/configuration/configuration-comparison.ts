import { configurationKinds, named } from '#libs/contracts'
import type { FromSchema } from 'json-schema-to-ts'
import { keyValueSchema } from './configuration-change.js'
import {
  anyJson,
  arrayOf,
  enumOf,
  instant,
  integer,
  positionOf,
  response,
  string,
  typed,
  uuid,
} from '../schema/parts.js'

const key = string('The key.')
const sourceValue = anyJson('The value in the source; `"********"` if either value is a secret.')
const targetValue = anyJson('The value in the target; `"********"` if either value is a secret.')

const differences = {
  added: arrayOf(keyValueSchema, 'Keys only in the source, by code point.'),
  modified: arrayOf(
    named('DifferingKey', response({ key, sourceValue, targetValue }, ['key', 'sourceValue', 'targetValue'])),
    'Keys with different values, by code point.',
  ),
  removed: arrayOf(keyValueSchema, 'Keys only in the target, by code point.'),
  unchanged: integer('Number of keys with equal values.'),
}

/** The response of the comparison of two environments. */
export const configurationDiffSchema = named(
  'ConfigurationDiff',
  response(
    {
      sourceEnvironment: string('The source, as in the request.'),
      targetEnvironment: string('The target, as in the request.'),
      ...differences,
      flags: named('FlagDiff', response(differences, ['added', 'modified', 'removed', 'unchanged'])),
      asOf: instant('Time of the comparison, if the request has one.'),
    },
    ['sourceEnvironment', 'targetEnvironment', 'added', 'modified', 'removed', 'unchanged', 'flags'],
  ),
)

const driftingKey = named(
  'DriftingKey',
  response(
    {
      kind: enumOf(configurationKinds, 'Kind of the key.'),
      key,
      state: enumOf(['added', 'modified', 'removed'], '`added`: only in the source; `removed`: only in the target.'),
      sourceValue,
      targetValue,
      since: instant('Time since which the key differs without a break.'),
      ageSeconds: typed('number', 'Seconds from `since` to `asOf`.'),
      cause: named('DriftCause', {
        ...response(
          {
            environment: string('Environment of the change, by its name in the pipeline.'),
            revision: integer('Revision of the environment after the change.'),
            position: positionOf('Log position of the change.'),
            by: string('Actor of the change.'),
            promotionId: uuid('Id of the promotion that made the change, if one did.'),
          },
          ['environment', 'revision', 'position'],
        ),
        description: 'The change that began the difference.',
      }),
    },
    ['kind', 'key', 'state', 'since', 'ageSeconds', 'cause'],
  ),
)

/** The response of the drift of the configuration of two environments: a page of keys. */
export const configurationDriftSchema = named(
  'ConfigurationDrift',
  response(
    {
      source: string('The source, by its name in the pipeline.'),
      target: string('The target, by its name in the pipeline.'),
      asOf: instant('Time of the comparison.'),
      rows: arrayOf(driftingKey, 'A page of differing keys: configurations first, then flags, by code point.'),
    },
    ['source', 'target', 'asOf', 'rows'],
  ),
)

const modified = { key: 'query.timeout', sourceValue: '180s', targetValue: '120s' }

/** Examples of responses. */
export const configurationComparisonExamples = {
  diff: {
    sourceEnvironment: 'staging',
    targetEnvironment: 'production',
    added: [{ key: 'ai.new-model', value: 'gpt-4-turbo' }],
    modified: [modified],
    removed: [],
    unchanged: 35,
    flags: { added: [], modified: [], removed: [], unchanged: 2 },
  } satisfies FromSchema<typeof configurationDiffSchema>,
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
  } satisfies FromSchema<typeof configurationDriftSchema>,
}
