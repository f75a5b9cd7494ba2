import { directions, driftStates } from '#libs/read-models'
import { unavailable } from '../deployment-documentation.js'

const id = (n: number) => `0198c0de-0000-7000-8000-00000000000${n}`
const inStaging = { imageTag: 'v2.3.0-c0ffee1', deploymentId: id(7), deployedAt: '2026-02-12T09:00:00Z' }
const inProduction = { imageTag: 'v2.1.0-abc1234', deploymentId: id(2), deployedAt: '2026-02-06T10:00:00Z' }
const age = { since: '2026-02-06T12:00:00Z', ageSeconds: 518_400 }
const distance = { aheadBy: 2, direction: 'ahead' }
const oldest = { key: 'query.timeout', since: '2026-02-10T12:00:00Z', ageSeconds: 172_800 }
const ofConfiguration = { added: 3, modified: 12, removed: 1, unchanged: 480, oldest }
const ofFlags = { added: 0, modified: 0, removed: 0, unchanged: 8 }

/** Answers as they look. */
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

/** Why a call is refused. */
export const problems = {
  404: 'One of the environments is not in the pipeline, and nothing was ever there.',
  503: unavailable,
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

const running = (description?: string) =>
  object(
    ['imageTag', 'deploymentId', 'deployedAt'],
    { imageTag: string, deploymentId: uuid, deployedAt: instant('When it started.') },
    description,
  )
const state = { type: 'string', enum: [...driftStates] }
const since = instant('Start of the unbroken stretch in which they differ.')
const ageSeconds = seconds('`asOf` - `since`.')
const howFar = {
  aheadBy: integer(
    'With `different`: how many tags the source has come to since it last had that of the target; absent where it never had.',
  ),
  direction: {
    type: 'string',
    enum: [...directions],
    description:
      'With `different`: `ahead`: the source has had the tag of the target; `behind`: the other way round; `diverged`: neither, or both.',
  },
}

const row = object(['application', 'state'], {
  application: string,
  source: running('What runs in the source; absent: nothing.'),
  target: running('What runs in the target; absent: nothing.'),
  state,
  since,
  ageSeconds,
  cause: object(
    ['deploymentId', 'environment', 'imageTag'],
    { deploymentId: uuid, environment: string, imageTag: string },
    'What began the stretch: a deployment that finished then, or was rolled back then.',
  ),
  ...howFar,
})

const keys = (what: string) =>
  object(
    ['added', 'modified', 'removed', 'unchanged'],
    {
      added: integer('In the source alone.'),
      modified: integer('In both, with other values.'),
      removed: integer('In the target alone.'),
      unchanged: integer(),
      oldest: object(
        ['key', 'since', 'ageSeconds'],
        { key: string, since, ageSeconds },
        'What has differed for longest.',
      ),
    },
    what,
  )

const drift = object(['source', 'target', 'asOf', 'applications', 'configuration', 'flags'], {
  source: { ...string, description: "By the pipeline's name." },
  target: { ...string, description: "By the pipeline's name." },
  asOf: instant('Ages are until then.'),
  applications: list(row, 'Those of which something runs on a side, by code point.'),
  configuration: keys('Configurations, all of them.'),
  flags: keys('Feature flags, all of them.'),
})

const counts = Object.fromEntries(driftStates.map(name => [name, integer()]))
const pair = object(['source', 'target', 'applications'], {
  source: string,
  target: string,
  applications: object([...driftStates], counts, 'How many applications compare how.'),
  oldest: object(
    ['application', 'since', 'ageSeconds'],
    { application: string, since, ageSeconds },
    'What has differed for longest.',
  ),
})
const lag = object(['environment', 'behind', 'state', 'since', 'ageSeconds'], {
  environment: string,
  behind: { ...string, description: 'The earlier environment.' },
  state,
  since,
  ageSeconds,
  ...howFar,
})
const matrix = object(['asOf', 'environments', 'pairs', 'applications'], {
  asOf: instant('Ages are until then.'),
  environments: list(string, 'In the order of the pipeline.'),
  pairs: list(pair, 'Each environment with every earlier one, the source; over all applications.'),
  applications: list(
    object(['application', 'environments', 'lagging'], {
      application: string,
      environments: { type: 'object', additionalProperties: running(), description: 'What runs, by environment.' },
      lagging: list(lag, 'Environments that lack what an earlier one has.'),
    }),
    'By code point.',
  ),
})

const history = object(['source', 'target', 'from', 'to', 'timezone', 'asOf', 'days'], {
  source: string,
  target: string,
  from: instant('The first day is that in which this is.'),
  to: instant('No day begins then or later.'),
  timezone: string,
  asOf: instant('Until then: days to come are left out.'),
  days: list(
    object(['date', 'applications', 'differing'], {
      date: { type: 'string', format: 'date', description: 'The local date.' },
      applications: integer('How many applications ran on a side at the end of the day.'),
      differing: integer('How many of them differed.'),
      longestSeconds: seconds('How long the one that had differed for longest had.'),
    }),
  ),
})

/** What the answers consist of. */
export const schemas = { drift: { oneOf: [drift, matrix] }, history }
