import { directions, driftStates } from '#libs/read-models'

const id = (n: number) => `0198c0de-0000-7000-8000-00000000000${n}`
const inStaging = { imageTag: 'v2.3.0-c0ffee1', deploymentId: id(7), deployedAt: '2026-02-12T09:00:00Z' }
const inProduction = { imageTag: 'v2.1.0-abc1234', deploymentId: id(2), deployedAt: '2026-02-06T10:00:00Z' }
const age = { since: '2026-02-06T12:00:00Z', ageSeconds: 518_400 }
const distance = { aheadBy: 2, direction: 'ahead' }
const oldest = { key: 'query.timeout', since: '2026-02-10T12:00:00Z', ageSeconds: 172_800 }
const ofConfiguration = { added: 3, modified: 12, removed: 1, unchanged: 480, oldest }
const ofFlags = { added: 0, modified: 0, removed: 0, unchanged: 8 }

/** Example responses. */
export const examples = {
  drift: {
    source: 'staging',
    target: 'production',
    asOf: '2026-02-12T12:00:00Z',
    applications: [
      {
        application: 'checkout',
        source: inStaging,
        target: inProduction,
        state: 'different',
        ...age,
        cause: { deploymentId: id(5), environment: 'staging', imageTag: 'v2.2.0-bada551' },
        ...distance,
      },
      { application: 'search', source: inProduction, target: { ...inProduction, deploymentId: id(4) }, state: 'same' },
    ],
    configuration: ofConfiguration,
    flags: ofFlags,
  },
  matrix: {
    asOf: '2026-02-12T12:00:00Z',
    environments: ['staging', 'production'],
    pairs: [
      {
        source: 'staging',
        target: 'production',
        applications: { same: 1, different: 1, onlyInSource: 0, onlyInTarget: 0 },
        oldest: { application: 'checkout', ...age },
      },
    ],
    applications: [
      {
        application: 'checkout',
        environments: { staging: inStaging, production: inProduction },
        lagging: [{ environment: 'production', behind: 'staging', state: 'different', ...distance, ...age }],
      },
    ],
  },
  history: {
    source: 'staging',
    target: 'production',
    from: '2026-02-11T00:00:00Z',
    to: '2026-02-12T12:00:00Z',
    timezone: 'UTC',
    asOf: '2026-02-12T12:00:00Z',
    days: [
      { date: '2026-02-11', applications: 71, differing: 0 },
      { date: '2026-02-12', applications: 71, differing: 1, longestSeconds: 518_400 },
    ],
  },
}

/** Problems of the operations. */
export const problems = {
  404: 'An environment is unknown: not in the pipeline, and without deployments and configuration. `environments` lists the known ones.',
}

const string = { type: 'string' }
const integer = (description?: string) => ({ type: 'integer', ...(description && { description }) })
const seconds = (description: string) => ({ type: 'number', description })
const instant = (description: string) => ({ type: 'string', format: 'instant', description })
const uuid = { type: 'string', format: 'uuid' }
const list = (items: object, description?: string) => ({ type: 'array', items, ...(description && { description }) })
const object = (required: string[], properties: object, description?: string) => ({
  type: 'object',
  required,
  properties,
  ...(description && { description }),
})

const activeDeployment = (description?: string) =>
  object(
    ['imageTag', 'deploymentId', 'deployedAt'],
    { imageTag: string, deploymentId: uuid, deployedAt: instant('Start of the deployment.') },
    description,
  )
const state = { type: 'string', enum: [...driftStates] }
const since = instant('Time since which both sides differ without a break.')
const ageSeconds = seconds('Seconds from `since` to `asOf`.')
const howFar = {
  aheadBy: integer(
    'If `different`: number of tags that the source has deployed since it last had the tag of the target; absent if it never had it.',
  ),
  direction: {
    type: 'string',
    enum: [...directions],
    description:
      'If `different`: `ahead` if the source had the tag of the target before, `behind` if the target had the tag of the source, `diverged` if neither or both.',
  },
}

const row = object(['application', 'state'], {
  application: string,
  source: activeDeployment('Active deployment in the source; absent if there is none.'),
  target: activeDeployment('Active deployment in the target; absent if there is none.'),
  state,
  since,
  ageSeconds,
  cause: object(
    ['deploymentId', 'environment', 'imageTag'],
    { deploymentId: uuid, environment: string, imageTag: string },
    'The deployment that began the difference when it finished or was rolled back.',
  ),
  ...howFar,
})

const keys = (what: string) =>
  object(
    ['added', 'modified', 'removed', 'unchanged'],
    {
      added: integer('Number of keys only in the source.'),
      modified: integer('Number of keys with different values.'),
      removed: integer('Number of keys only in the target.'),
      unchanged: integer('Number of keys with equal values.'),
      oldest: object(
        ['key', 'since', 'ageSeconds'],
        { key: string, since, ageSeconds },
        'The key that has differed for the longest time.',
      ),
    },
    what,
  )

const drift = object(['source', 'target', 'asOf', 'applications', 'configuration', 'flags'], {
  source: { ...string, description: 'Name of the environment in the pipeline.' },
  target: { ...string, description: 'Name of the environment in the pipeline.' },
  asOf: instant('Time of the comparison.'),
  applications: list(row, 'A page of the applications that are active in the source or the target, sorted by name.'),
  configuration: keys('Totals over all configurations.'),
  flags: keys('Totals over all feature flags.'),
})

const counts = Object.fromEntries(driftStates.map(name => [name, integer()]))
const pair = object(['source', 'target', 'applications'], {
  source: string,
  target: string,
  applications: object([...driftStates], counts, 'Number of applications in each state.'),
  oldest: object(
    ['application', 'since', 'ageSeconds'],
    { application: string, since, ageSeconds },
    'The application that has differed for the longest time.',
  ),
})
const lag = object(['environment', 'behind', 'state', 'since', 'ageSeconds'], {
  environment: string,
  behind: { ...string, description: 'The earlier environment that it differs from.' },
  state,
  since,
  ageSeconds,
  ...howFar,
})
const matrix = object(['asOf', 'environments', 'pairs', 'applications'], {
  asOf: instant('Time of the comparison.'),
  environments: list(string, 'Environments in the order of the pipeline.'),
  pairs: list(pair, 'Each environment compared with every earlier one (`source`), over all applications.'),
  applications: list(
    object(['application', 'environments', 'lagging'], {
      application: string,
      environments: {
        type: 'object',
        additionalProperties: activeDeployment(),
        description: 'Active deployment by environment.',
      },
      lagging: list(lag, 'Environments that lack the tag of an earlier one.'),
    }),
    'A page of applications, sorted by name.',
  ),
})

const history = object(['source', 'target', 'from', 'to', 'timezone', 'asOf', 'days'], {
  source: string,
  target: string,
  from: instant('Time in the first day.'),
  to: instant('End of the window: no day begins at this time or later.'),
  timezone: string,
  asOf: instant('Time of the comparison; days that begin later are omitted.'),
  days: list(
    object(['date', 'applications', 'differing'], {
      date: { type: 'string', format: 'date', description: 'Date in `timezone`.' },
      applications: integer(
        'Number of applications that were active in the source or the target at the end of the day.',
      ),
      differing: integer('Number of those that differed.'),
      longestSeconds: seconds('Seconds for which the longest difference had lasted; absent without one.'),
    }),
  ),
})

/** Schemas of the responses. */
export const schemas = { drift: { oneOf: [drift, matrix] }, history }
