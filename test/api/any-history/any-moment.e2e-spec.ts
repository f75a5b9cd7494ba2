import { sendAnything, shas, tags, unknown } from './commands.js'
import { Asking } from '../answers/asking.js'
import { Questions } from '../answers/questions.js'
import { askInRounds } from '../answers/rounds.js'
import { Answers } from '../../independent/answers/answers.js'
import { type Deployment, foldDeployments } from '../../independent/deployments/deployments.js'
import { foldIncidents } from '../../independent/deployments/incidents.js'
import { defaultPipeline } from '../../independent/deployments/pipeline.js'
import { checkRecords } from '../../independent/log/log-check.js'
import { collectLog, type RawRecord } from '../../independent/log/log-reader.js'
import { knownBy, type Moment } from '../../independent/deployments/moments.js'
import { brokers, deploymentsPath, incidentsPath, random, runs, type Service, startService } from '../../kit/index.js'

// Random commands on deployments with few distinct values; then reads with any asOf and knownAt,
// each compared with a plain recomputation from the log.

const minute = (n: number) => new Date(Date.UTC(2026, 1, 12, 10, n)).toISOString().replace('.000Z', 'Z')
const minutes = Array.from({ length: 30 }, (_, n) => minute(n - 1))
const next = random(11)

let service: Service
let log: RawRecord[]
let deployments: Deployment[]
let answers: Answers
let asking: Asking
const questions = new Questions(
  {
    applications: ['checkout', 'search', 'platform', 'none'],
    environments: ['dev', 'stage', 'prod', 'qa'],
    labels: ['team=payments', 'län=', 'tag=v1', 'tag=v2', 'team=none'],
    instants: minutes,
  },
  next,
)

beforeAll(async () => {
  service = await startService('standalone')
  await sendAnything(service.http.as('any'), { commands: 800, callers: 8, seed: 6 })
  // Starts before all others, so that there is a time at which only one environment has an active deployment.
  const first = { application: 'checkout', environment: 'dev', imageTag: 'v1', deployedAt: minutes[0] }
  await service.http.as('any').post(deploymentsPath, first)
  // No deployment has it, whatever came before what.
  const stray = { deploymentId: unknown, application: 'checkout', environment: 'prod', startedAt: minutes[9] }
  await service.http.as('any').post(incidentsPath, stray)
  log = await collectLog(brokers(), service.topic)
  const http = service.http.as('any').reflecting(checkRecords(log).ends)
  deployments = foldDeployments(log)
  answers = new Answers(
    knownAt => foldDeployments(knownBy(log, knownAt)),
    defaultPipeline,
    knownAt => foldIncidents(knownBy(log, knownAt)),
  )
  asking = new Asking(http, answers)
}, 120_000)
afterAll(() => service?.end())

/** The time at which an event was recorded, or a millisecond before. */
function knownAt(): string {
  const at = Date.parse(questions.oneOf(log).headers['ce_recordedtime']!)
  return new Date(at - Math.floor(next() * 2)).toISOString().replace('.000Z', 'Z')
}

const moments: [string, () => Moment][] = [
  ['now', () => ({})],
  ['with asOf', () => ({ asOf: questions.instant() })],
  ['with knownAt', () => ({ knownAt: knownAt() })],
  ['with asOf and knownAt', () => ({ asOf: questions.instant(), knownAt: knownAt() })],
]

it('the generated history covers all statuses, drift states and metrics', () => {
  const statuses = new Set(deployments.map(({ status }) => status))
  expect([...statuses].toSorted()).toEqual(['CANCELLED', 'DEPLOYED', 'FAILED', 'PENDING', 'ROLLED_BACK'])
  expect(deployments.filter(({ version }) => version > 2).length).toBeGreaterThan(5)
  expect(deployments.filter(({ more }) => more['removedAt'] !== undefined).length).toBeGreaterThan(5)
  expect(deployments.filter(({ rollbackOf }) => rollbackOf !== undefined).length).toBeGreaterThan(5)
  expect(deployments.filter(({ more }) => more['unplanned'] === true).length).toBeGreaterThan(5)

  const pairs = ['dev', 'stage', 'qa'].map(source => ({ source, target: 'prod' }))
  const rows = pairs.flatMap(pair => minutes.flatMap(asOf => answers.drift({ ...pair, asOf })))
  const states = new Set(
    rows.flatMap(({ state, direction }) => [state, direction].filter(value => value !== undefined)),
  )
  expect([...states].toSorted()).toEqual([
    'ahead',
    'behind',
    'different',
    'diverged',
    'onlyInSource',
    'onlyInTarget',
    'same',
  ])
  const figures = answers.figures({ environment: 'prod', from: minutes[0]!, to: minutes.at(-1)! })
  const { changeFailRate, leadTimeForChange, promotionLeadTime } = figures as Record<string, Record<string, number>>
  const { unattributed, ...failures } = changeFailRate!
  expect(Object.values(failures).every(figure => figure > 0)).toBe(true)
  expect(unattributed).toBeGreaterThan(0)
  expect(figures['cancelled']).toBeGreaterThan(0)
  expect([leadTimeForChange!['commits']! > 0, promotionLeadTime!['tags']! > 0]).toEqual([true, true])
})

describe.each(moments)('reads %s', (_, moment) => {
  const application = () => questions.application(0.5)

  it('current equals the recomputation', async () => {
    expect(await askInRounds(runs(40), () => asking.current({ application: application(), ...moment() }))).toEqual([])
    expect(await askInRounds(runs(40), () => asking.current({ ...questions.selection(), ...moment() }))).toEqual([])
  })

  it('history equals the recomputation', async () => {
    const environment = () => (next() < 0.5 ? questions.environment() : undefined)
    const question = () => asking.history({ application: application(), environment: environment(), ...moment() }, 19)
    expect(await askInRounds(runs(20), question)).toEqual([])
    expect(await askInRounds(runs(30), () => asking.history({ ...questions.selection(), ...moment() }, 19))).toEqual([])
  })

  it('incidents equal the recomputation', async () => {
    const environment = () => (next() < 0.5 ? questions.environment() : undefined)
    const open = () => questions.oneOf([true, false, undefined])
    const question = () =>
      asking.incidents({ application: application(), environment: environment(), open: open(), ...moment() }, 19)
    expect(await askInRounds(runs(20), question)).toEqual([])
  })

  it('the path of a tag equals the recomputation', async () => {
    const question = () => asking.tagPath(questions.oneOf(tags), { application: application(), ...moment() })
    expect(await askInRounds(runs(40), question)).toEqual([])
  })

  it('the path of a commit equals the recomputation', async () => {
    expect(await askInRounds(runs(40), () => asking.commitPath(questions.oneOf(shas), { ...moment() }))).toEqual([])
  })

  it('the rollback target equals the recomputation', async () => {
    const question = () => asking.rollbackTarget({ ...questions.problem(deployments), ...moment() })
    expect(await askInRounds(runs(80), question)).toEqual([])
  })

  it('drift equals the recomputation', async () => {
    expect(
      await askInRounds(runs(80), () => asking.drift({ ...questions.pair(), application: application(), ...moment() })),
    ).toEqual([])
    const several = () => {
      const { application, label } = questions.selection()
      return asking.drift({ ...questions.pair(), application, label, ...moment() })
    }
    expect(await askInRounds(runs(40), several)).toEqual([])
  })

  it('what one environment has and another lacks equals the recomputation', async () => {
    const question = () => {
      const { application, label } = questions.selection()
      return asking.changes({ ...questions.pair(), application, label, ...moment() })
    }
    expect(await askInRounds(runs(80), question)).toEqual([])
  })

  it('metrics equal the recomputation', async () => {
    expect(await askInRounds(runs(80), () => asking.metrics({ ...questions.metrics(), ...moment() }))).toEqual([])
    expect(await askInRounds(runs(40), () => asking.metrics({ ...questions.metricsOfSeveral(), ...moment() }))).toEqual(
      [],
    )
  })
})
