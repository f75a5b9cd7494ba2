import { named } from '#libs/contracts'
import type { FromSchema } from 'json-schema-to-ts'
import { arrayOf, described, enumOf, instant, integer, response, string, typed, uuid } from '../schema/parts.js'

/** The difference of an application between two environments. */
export const driftStates = ['same', 'different', 'onlyInSource', 'onlyInTarget'] as const
export type DriftState = (typeof driftStates)[number]
/** Which side of a difference is newer. */
const directions = ['ahead', 'behind', 'diverged'] as const

const seconds = (description: string) => typed('number', description)
const application = string('Name of the application.')
const environment = string('Name of the environment in the pipeline.')
const imageTag = string('Image tag of the deployment.')
const deploymentId = uuid('Id of the deployment.')
const comparedAt = instant('Time of the comparison.')

const active = named(
  'ActiveDeployment',
  response({ imageTag, deploymentId, deployedAt: instant('Start of the deployment.') }, [
    'imageTag',
    'deploymentId',
    'deployedAt',
  ]),
)
const state = enumOf(driftStates, 'How the environments differ.')
const age = {
  since: instant('Time since which both sides differ without a break.'),
  ageSeconds: seconds('Seconds from `since` to `asOf`.'),
}
const distance = {
  aheadBy: integer(
    'If `different`: number of tags that the source has deployed since it last had the tag of the target; absent if it never had it.',
  ),
  direction: enumOf(
    directions,
    'If `different`: `ahead` if the source had the tag of the target before, `behind` if the target had the tag of the source, `diverged` if neither or both.',
  ),
}

const cause = named('ApplicationDriftCause', {
  ...response(
    {
      deploymentId,
      environment,
      imageTag,
      removed: typed('boolean', 'Present if it began the difference when it was removed.'),
    },
    ['deploymentId', 'environment', 'imageTag'],
  ),
  description: 'The deployment that began the difference when it finished, was rolled back or was removed.',
})
const row = named(
  'ApplicationDrift',
  response(
    {
      application,
      source: described(active, 'Active deployment in the source; absent if there is none.'),
      target: described(active, 'Active deployment in the target; absent if there is none.'),
      state,
      ...age,
      cause,
      ...distance,
    },
    ['application', 'state'],
  ),
)
const oldestKey = named('OldestKeyDifference', {
  ...response({ key: string('The key.'), ...age }, ['key', 'since', 'ageSeconds']),
  description: 'The key that has differed for the longest time.',
})
const keys = named(
  'KeyDifferences',
  response(
    {
      added: integer('Number of keys only in the source.'),
      modified: integer('Number of keys with different values.'),
      removed: integer('Number of keys only in the target.'),
      unchanged: integer('Number of keys with equal values.'),
      oldest: oldestKey,
    },
    ['added', 'modified', 'removed', 'unchanged'],
  ),
)

/** Two environments compared. */
export const driftSchema = named(
  'Drift',
  response(
    {
      source: environment,
      target: environment,
      asOf: comparedAt,
      applications: arrayOf(
        row,
        'A page of the applications that are active in the source or the target, sorted by name.',
      ),
      configuration: described(keys, 'Totals over all configurations.'),
      flags: described(keys, 'Totals over all feature flags.'),
    },
    ['source', 'target', 'asOf', 'applications', 'configuration', 'flags'],
  ),
)

const oldestApplication = named('OldestApplicationDifference', {
  ...response({ application, ...age }, ['application', 'since', 'ageSeconds']),
  description: 'The application that has differed for the longest time.',
})
const counts = named(
  'ApplicationCounts',
  response(
    {
      same: integer('Number of applications with the same tag in both.'),
      different: integer('Number of applications with different tags.'),
      onlyInSource: integer('Number of applications that are active in the source only.'),
      onlyInTarget: integer('Number of applications that are active in the target only.'),
    },
    driftStates,
  ),
)
const pair = named(
  'EnvironmentPair',
  response(
    {
      source: environment,
      target: environment,
      applications: described(counts, 'Number of applications in each state.'),
      oldest: oldestApplication,
    },
    ['source', 'target', 'applications'],
  ),
)
const lag = named(
  'EnvironmentLag',
  response(
    { environment, behind: string('The earlier environment that it differs from.'), state, ...age, ...distance },
    ['environment', 'behind', 'state', 'since', 'ageSeconds'],
  ),
)
const matrixRow = named(
  'MatrixApplication',
  response(
    {
      application,
      environments: {
        type: 'object',
        additionalProperties: active,
        description: 'Active deployment by environment.',
      },
      lagging: arrayOf(lag, 'Environments that lack the tag of an earlier one.'),
    },
    ['application', 'environments', 'lagging'],
  ),
)

/** All environments of the pipeline compared. */
export const driftMatrixSchema = named(
  'DriftMatrix',
  response(
    {
      asOf: comparedAt,
      environments: arrayOf(environment, 'Environments in the order of the pipeline.'),
      pairs: arrayOf(pair, 'Each environment compared with every earlier one (`source`), over all applications.'),
      applications: arrayOf(matrixRow, 'A page of applications, sorted by name.'),
    },
    ['asOf', 'environments', 'pairs', 'applications'],
  ),
)

const day = named(
  'DriftDay',
  response(
    {
      date: { type: 'string', format: 'date', description: 'Date in `timezone`.' },
      applications: integer(
        'Number of applications that were active in the source or the target at the end of the day.',
      ),
      differing: integer('Number of those that differed.'),
      longestSeconds: seconds('Seconds for which the longest difference had lasted; absent without one.'),
    },
    ['date', 'applications', 'differing'],
  ),
)

/** Two environments compared day by day. */
export const driftHistorySchema = named(
  'DriftHistory',
  response(
    {
      source: environment,
      target: environment,
      from: instant('Time in the first day.'),
      to: instant('End of the window: no day begins at this time or later.'),
      timezone: string('Time zone of the days (IANA).'),
      asOf: instant('Time of the comparison; days that begin later are omitted.'),
      days: arrayOf(day, 'The days that the window touches.'),
    },
    ['source', 'target', 'from', 'to', 'timezone', 'asOf', 'days'],
  ),
)

export type DriftComparison = FromSchema<typeof driftSchema>
export type DriftRow = DriftComparison['applications'][number]
export type ActiveDeployment = NonNullable<DriftRow['source']>
export type DriftMatrix = FromSchema<typeof driftMatrixSchema>
export type PairDrift = DriftMatrix['pairs'][number]
export type MatrixRow = DriftMatrix['applications'][number]
export type EnvironmentLag = MatrixRow['lagging'][number]
export type DriftHistory = FromSchema<typeof driftHistorySchema>
export type DriftDay = DriftHistory['days'][number]
