import {
  complete,
  correct,
  correctStart,
  type Facts,
  finishOf,
  idOf,
  incidentOfEach,
  minute,
  numbers,
  openIncident,
  record,
  recorded,
  recordedThen,
  remove,
  resolveIncident,
  rollBack,
  shaOf,
  type ShapeCommand,
  shuffled,
  startOf,
  STEP_MINUTES,
  voidRecord,
} from './shape-commands.js'

/** A history that is hard for projections: the commands that make it, in the order in which they are sent. */
export interface Shape {
  name: string
  /** Commands that are sent for each deployment. */
  eventsEach: 1 | 2
  commands(deployments: number): ShapeCommand[]
}

const pending: Facts = { status: 'PENDING', completedAt: undefined }
const YEAR_MINUTES = 365 * 24 * 60
const committed = (n: number) => ({ sha: shaOf(n), committedAt: minute(-STEP_MINUTES) })
const environments = ['dev', 'staging', 'production']

/** The plainest shape: the others are measured against it. */
export const ascending: Shape = { name: 'ascending', eventsEach: 1, commands: recorded() }

export const hardShapes: readonly Shape[] = [
  ascending,
  { name: 'descending', eventsEach: 1, commands: count => recorded()(count).toReversed() },
  { name: 'shuffled', eventsEach: 1, commands: count => shuffled(recorded()(count)) },
  { name: 'one tag', eventsEach: 1, commands: recorded(() => ({ imageTag: 'v1' })) },
  {
    name: 'one tag, descending',
    eventsEach: 1,
    commands: count => recorded(() => ({ imageTag: 'v1' }))(count).toReversed(),
  },
  { name: 'two tags in turn', eventsEach: 1, commands: recorded(n => ({ imageTag: `v${n % 2}` })) },
  {
    name: 'two tags in turn, descending',
    eventsEach: 1,
    commands: count => recorded(n => ({ imageTag: `v${n % 2}` }))(count).toReversed(),
  },
  { name: 'all failed', eventsEach: 1, commands: recorded(() => ({ status: 'FAILED' })) },
  {
    name: 'failures of one tag, then successes',
    eventsEach: 1,
    commands: recorded((n, count) => ({ imageTag: 'v1', status: n < count / 2 ? 'FAILED' : 'DEPLOYED' })),
  },
  {
    name: 'all pending, then completed',
    eventsEach: 2,
    commands: recordedThen(
      () => pending,
      n => complete(n, 'DEPLOYED', finishOf(n)),
    ),
  },
  {
    name: 'all corrected to an earlier time',
    eventsEach: 2,
    commands: recordedThen(
      () => ({}),
      n => correctStart(n, -YEAR_MINUTES),
    ),
  },
  {
    name: 'all corrected to a later time',
    eventsEach: 2,
    commands: recordedThen(
      () => ({}),
      n => correctStart(n, YEAR_MINUTES),
    ),
  },
  {
    name: 'one tag, all corrected to an earlier time',
    eventsEach: 2,
    commands: recordedThen(
      () => ({ imageTag: 'v1' }),
      n => correctStart(n, -YEAR_MINUTES),
    ),
  },
  {
    name: 'two tags in turn, each corrected to its own',
    eventsEach: 2,
    commands: recordedThen(
      n => ({ imageTag: `v${n % 2}` }),
      n => correct(n, { imageTag: `own-${n}` }),
    ),
  },
  {
    name: 'all retagged as one',
    eventsEach: 2,
    commands: recordedThen(
      () => ({}),
      n => correct(n, { imageTag: 'one' }),
    ),
  },
  {
    name: 'the same ten commits in the list of each, replaced by ten others',
    eventsEach: 2,
    commands: recordedThen(
      () => ({ commits: numbers(10).map(committed) }),
      n => correct(n, { commits: numbers(10).map(one => committed(one + 10)), image: `image-${n}` }),
    ),
  },
  {
    name: 'all corrected to roll back one deployment',
    eventsEach: 2,
    commands: recordedThen(
      () => ({}),
      n => correct(n, n === 0 ? { notes: 'the first' } : { rollbackOf: idOf(0) }),
    ),
  },
  {
    name: 'all marked at the end, at one moment',
    eventsEach: 2,
    commands: recordedThen(
      () => ({}),
      (n, count) => rollBack(n, startOf(count)),
    ),
  },
  {
    name: 'all marked at the end, at one moment, the latest first',
    eventsEach: 2,
    commands: count => [
      ...recorded()(count),
      ...numbers(count)
        .toReversed()
        .map(n => rollBack(n, startOf(count))),
    ],
  },
  {
    name: 'each marked before the next',
    eventsEach: 2,
    commands: count => numbers(count).flatMap(n => [record(n), rollBack(n, minute(n * STEP_MINUTES + 8))]),
  },
  {
    name: 'each removed before the next',
    eventsEach: 2,
    commands: count => numbers(count).flatMap(n => [record(n), remove(n, minute(n * STEP_MINUTES + 8))]),
  },
  {
    name: 'all removed at the end, at one moment, the latest first',
    eventsEach: 2,
    commands: count => [
      ...recorded()(count),
      ...numbers(count)
        .toReversed()
        .map(n => remove(n, startOf(count))),
    ],
  },
  {
    name: 'one tag, each removed as soon as it finished',
    eventsEach: 2,
    commands: recordedThen(
      () => ({ imageTag: 'v1' }),
      n => remove(n, finishOf(n)),
    ),
  },
  {
    name: 'all finished at one moment',
    eventsEach: 2,
    commands: recordedThen(
      () => pending,
      (n, count) => complete(n, 'DEPLOYED', startOf(count)),
    ),
  },
  {
    name: 'all voided at the end',
    eventsEach: 2,
    commands: recordedThen(() => ({ commits: [committed(0)] }), voidRecord),
  },
  {
    name: 'two tags in turn, all voided, the latest first',
    eventsEach: 2,
    commands: count => [
      ...recorded(n => ({ imageTag: `v${n % 2}` }))(count),
      ...numbers(count).toReversed().map(voidRecord),
    ],
  },
  {
    name: 'each rolling back the one before, all voided',
    eventsEach: 2,
    commands: recordedThen(n => (n === 0 ? {} : { rollbackOf: idOf(n - 1) }), voidRecord),
  },
  { name: 'one commit', eventsEach: 1, commands: recorded(() => ({ gitCommit: shaOf(0), commits: [committed(0)] })) },
  {
    name: 'one commit, three environments',
    eventsEach: 1,
    commands: recorded(n => ({ gitCommit: shaOf(0), commits: [committed(0)], environment: environments[n % 3] })),
  },
  {
    name: 'the same ten commits in the list of each',
    eventsEach: 1,
    commands: recorded(() => ({ commits: numbers(10).map(committed) })),
  },
  {
    name: 'one deployment rolled back by all',
    eventsEach: 1,
    commands: recorded(n => (n === 0 ? {} : { rollbackOf: idOf(0) })),
  },
  {
    name: 'one deployment that all failures name as rolled back',
    eventsEach: 1,
    commands: recorded(n => (n === 0 ? {} : { status: 'FAILED', rollbackOf: idOf(0) })),
  },
  {
    name: 'one deployment that all of another environment name, before it comes',
    eventsEach: 1,
    commands: recorded((n, count) =>
      n === count - 1 ? {} : { environment: 'staging', imageTag: 'v1', rollbackOf: idOf(count - 1) },
    ),
  },
  {
    name: 'one deployment rolled back by all, which are pending and then completed',
    eventsEach: 2,
    commands: recordedThen(
      n => (n === 0 ? pending : { ...pending, rollbackOf: idOf(0) }),
      n => complete(n, n % 2 === 0 ? 'DEPLOYED' : 'FAILED', finishOf(n)),
    ),
  },
  {
    name: 'each rolling back the one before',
    eventsEach: 1,
    commands: recorded(n => (n === 0 ? {} : { rollbackOf: idOf(n - 1) })),
  },
  {
    name: 'one instant',
    eventsEach: 1,
    commands: recorded(() => ({ deployedAt: startOf(0), completedAt: undefined })),
  },
  {
    name: 'one instant, one tag',
    eventsEach: 1,
    commands: recorded(() => ({ deployedAt: startOf(0), completedAt: undefined, imageTag: 'v1' })),
  },
  {
    name: 'incidents of one deployment, at one instant',
    eventsEach: 1,
    commands: count => numbers(count).map(n => (n === 0 ? record(0) : openIncident(n, startOf(1)))),
  },
  {
    name: 'incidents of one deployment, then resolved, the latest first',
    eventsEach: 2,
    commands: count => [
      record(0),
      ...numbers(count).map(n => openIncident(n, startOf(n + 1))),
      ...numbers(count)
        .toReversed()
        .map(n => resolveIncident(n, startOf(2 * count - n))),
    ],
  },
  {
    name: 'an incident of each, told late, the latest first',
    eventsEach: 2,
    commands: count => [...recorded()(count), ...incidentOfEach(count).toReversed()],
  },
  {
    name: 'an incident of each, told late, shuffled',
    eventsEach: 2,
    commands: count => [...recorded()(count), ...shuffled(incidentOfEach(count))],
  },
  {
    name: 'an incident of each, then the deployments, descending',
    eventsEach: 2,
    commands: count => [...incidentOfEach(count), ...recorded()(count).toReversed()],
  },
  {
    name: 'an open incident that names each, at one instant after all, before another success',
    eventsEach: 2,
    commands: count => [
      ...recorded()(count),
      ...numbers(count).map(n => openIncident(n, startOf(count), idOf(n))),
      record(count + 1),
    ],
  },
  { name: 'N places', eventsEach: 1, commands: recorded(n => ({ environment: `region-${n}` })) },
  { name: 'N applications', eventsEach: 1, commands: recorded(n => ({ application: `shop-${n}` })) },
]
