import { type Request, incidentStories, interleaved, stories } from './stories.js'
import { shas, tags } from './commands.js'
import { Asking } from '../answers/asking.js'
import { Questions } from '../answers/questions.js'
import { Answers } from '../../independent/answers/answers.js'
import { type Deployment, foldDeployments } from '../../independent/deployments/deployments.js'
import { foldIncidents } from '../../independent/deployments/incidents.js'
import { defaultPipeline } from '../../independent/deployments/pipeline.js'
import { checkRecords } from '../../independent/log/log-check.js'
import { collectLog } from '../../independent/log/log-reader.js'
import { rollbackByTag } from '../../independent/answers/rollback-by-tag.js'
import {
  brokers,
  deploymentsPath,
  type HttpClient,
  incidentsPath,
  random,
  runs,
  type Service,
  startService,
} from '../../kit/index.js'

// The same deployments, sent to three tenants in three orders, give equal responses except for time and position of recording.
// Sending them again changes nothing.

const histories = stories(160, 5)
const tenants = ['first', 'second', 'third']

let service: Service
let orders: Map<string, Request[]>

beforeAll(async () => {
  service = await startService('standalone')
  const all = [...histories, ...incidentStories(histories, 40, 7)]
  orders = new Map(tenants.map((tenant, n) => [tenant, interleaved(all, random(n))]))
  await sendAll([201, 200])
}, 180_000)
afterAll(() => service?.end())

/** Sends all requests to each tenant, in its order. Throws for a response with another status. */
async function sendAll(statuses: number[]): Promise<void> {
  await Promise.all(
    tenants.map(async tenant => {
      const seen = new Map<string, number>()
      for (const { base = deploymentsPath, path, body } of orders.get(tenant)!) {
        const times = (seen.get(path) ?? 0) + 1
        seen.set(path, times)
        const key: Record<string, string> = path === '' ? {} : { 'Idempotency-Key': `${path}-${times}` }
        const answer = await service.http.as(tenant).post(`${base}${path}`, body, key)
        if (!statuses.includes(answer.status)) throw new Error(`${path}: ${answer.status} ${answer.text}`)
      }
    }),
  )
}

/** A client whose reads reflect all that is in the log now, and the recomputation of it. */
async function reading(tenant: string): Promise<{ http: HttpClient; answers: Answers; deployments: Deployment[] }> {
  const log = await collectLog(brokers(), service.topic)
  const deployments = foldDeployments(log).filter(deployment => deployment.tenant === tenant)
  const http = service.http.as(tenant).reflecting(checkRecords(log).ends)
  const incidents = foldIncidents(log).filter(incident => incident.tenant === tenant)
  return {
    http,
    answers: new Answers(
      () => deployments,
      defaultPipeline,
      () => incidents,
    ),
    deployments,
  }
}

const environments = ['dev', 'staging', 'production']
const applications = ['checkout', 'search', 'platform']
const instants = histories.map(([{ body }]) => (body as { deployedAt: string }).deployedAt).toSorted()
/** Increasing times after those of all requests. */
const markedAt = (n: number) => new Date(Date.UTC(2026, 5, 1, 0, n)).toISOString()
const newQuestions = () => new Questions({ applications, environments, instants }, random(3))

/** The paths of many different reads. */
function paths(): string[] {
  const questions = newQuestions()
  const moments = ['', ...Array.from({ length: 10 }, () => `asOf=${questions.instant()}`)]
  const targets = applications.flatMap(application =>
    environments.map(environment => `rollback-target?application=${application}&environment=${environment}`),
  )
  const metrics = Array.from({ length: 20 }, () => {
    const { environment, from, to, bucket = 'week', timezone = 'UTC' } = questions.metrics()
    return `metrics?environment=${environment}&from=${from}&to=${to}&bucket=${bucket}&timezone=${timezone}`
  })
  return [
    ...moments.flatMap(moment => [
      `history?limit=500&${moment}`,
      `history?limit=500&includeVoided=true&${moment}`,
      `current?${moment}`,
      `${incidentsPath}?limit=500&${moment}`,
      ...tags.map(tag => `tag/${tag}/path?${moment}`),
      ...shas.map(sha => `commits/${sha}/path?${moment}`),
      `drift?source=dev&target=production&${moment}`,
      `drift?source=staging&target=production&${moment}`,
      ...targets.map(target => `${target}&${moment}`),
    ]),
    ...metrics,
  ].map(path => path.replace(/[?&]$/, ''))
}

async function readAll(http: HttpClient): Promise<Map<string, { status: number; json: unknown }>> {
  const read = new Map<string, { status: number; json: unknown }>()
  for (const path of paths()) {
    const { status, json } = await http.get(path.startsWith('/') ? path : `${deploymentsPath}/${path}`)
    read.set(path, { status, json: status === 200 ? json : undefined })
  }
  return read
}

/** Removes times and positions of recording, and the times of requests. */
function withoutArrival(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutArrival)
  if (typeof value === 'number') return Number(value.toPrecision(10))
  if (value === null || typeof value !== 'object') return value
  const {
    recordedAt: _1,
    position: _2,
    ageSeconds: _3,
    asOf: _4,
    voidedAt: _5,
    ...rest
  } = value as Record<string, unknown>
  return Object.fromEntries(Object.entries(rest).map(([name, part]) => [name, withoutArrival(part)]))
}

it('responses are equal for any order of arrival', async () => {
  const [first, ...others] = await Promise.all(tenants.map(async tenant => readAll((await reading(tenant)).http)))
  expect([...first!.values()].filter(({ status }) => status === 200).length).toBeGreaterThan(100)
  for (const other of others) {
    for (const [path, answer] of first!) {
      expect([path, withoutArrival(other.get(path))]).toEqual([path, withoutArrival(answer)])
    }
  }
}, 120_000)

it.each(tenants)(
  'responses for the %s tenant equal the recomputation',
  async tenant => {
    const { http, answers, deployments } = await reading(tenant)
    const asking = new Asking(http, answers)
    const questions = newQuestions()
    for (let round = 0; round < runs(40); round++) {
      const moment = round % 4 === 0 ? {} : { asOf: questions.instant() }
      expect(await asking.history(moment)).toEqual([])
      expect(await asking.current(moment)).toEqual([])
      expect(await asking.incidents(moment)).toEqual([])
      expect(await asking.drift({ ...questions.pair(), ...moment }, 500)).toEqual([])
      expect(await asking.metrics({ ...questions.metrics(), ...moment })).toEqual([])
      expect(await asking.tagPath(questions.oneOf(tags), moment)).toEqual([])
      expect(await asking.commitPath(questions.oneOf(shas), moment)).toEqual([])
      for (let n = 0; n < 4; n++)
        expect(await asking.rollbackTarget({ ...questions.problem(deployments), ...moment })).toEqual([])
    }
  },
  120_000,
)

it('the same rollbacks by tag mark the same deployments and leave equal responses', async () => {
  const places = applications.flatMap(application =>
    ['DEV', 'staging', ' Prod'].map(environment => ({ application, environment })),
  )
  const selections = tags.flatMap(imageTag =>
    [...places, ...applications.map(application => ({ application })), {}].map(by => ({ imageTag, ...by })),
  )
  const outcomes = await Promise.all(
    tenants.map(async tenant => {
      const { deployments } = await reading(tenant)
      const seen: unknown[] = []
      for (const [n, { imageTag, ...by }] of selections.entries()) {
        const due = rollbackByTag(deployments, { imageTag, ...by })
        const body = { ...by, rolledBackAt: markedAt(n) }
        const { status, json } = await service.http.as(tenant).post(`${deploymentsPath}/tag/${imageTag}/rollback`, body)
        expect([imageTag, by, status === 200 ? json.id : { status }]).toEqual([
          imageTag,
          by,
          'marked' in due ? due.marked[0] : due,
        ])
        // In the recomputation, too, all of them are marked by one command.
        for (const marked of deployments.filter(({ id }) => 'marked' in due && due.marked.includes(id)))
          Object.assign(marked, { status: 'ROLLED_BACK', markedAs: marked.status })
        seen.push([status, json.id])
      }
      return seen
    }),
  )
  // Some marked more than one deployment.
  const { length } = (await reading(tenants[0]!)).deployments.filter(
    ({ more }) => more['rolledBackAt'] !== undefined && (more['rolledBackAt'] as string) >= markedAt(0),
  )
  expect(length).toBeGreaterThan(outcomes[0]!.filter(outcome => (outcome as [number])[0] === 200).length)
  expect(outcomes[1]).toEqual(outcomes[0])
  expect(outcomes[2]).toEqual(outcomes[0])
  const [first, ...others] = await Promise.all(tenants.map(async tenant => readAll((await reading(tenant)).http)))
  for (const other of others) {
    for (const [path, answer] of first!) {
      expect([path, withoutArrival(other.get(path))]).toEqual([path, withoutArrival(answer)])
    }
  }
  // Their responses are equal, so in a third of the runs each tenant has a third of the moments.
  const moments = [{}, ...selections.map((_, n) => ({ asOf: markedAt(n - 1) }))]
  const every = moments.length / runs(moments.length)
  for (const [index, tenant] of tenants.entries()) {
    const { http, answers } = await reading(tenant)
    const asking = new Asking(http, answers)
    for (const [n, moment] of moments.entries()) {
      if (n > 0 && n % Math.round(every) !== index % Math.round(every)) continue
      expect(await asking.history(moment)).toEqual([])
      expect(await asking.current(moment)).toEqual([])
      expect(await asking.rollbackTarget({ ...places[n % places.length]!, ...moment })).toEqual([])
    }
  }
}, 180_000)

it('sending all requests again changes nothing', async () => {
  const before = await readAll((await reading('first')).http)
  await sendAll([200])
  const after = await readAll((await reading('first')).http)
  for (const [path, { json }] of before) {
    const timeless = path.startsWith('drift') && !path.includes('asOf') ? withoutArrival : (same: unknown) => same
    expect([path, timeless(after.get(path)!.json)]).toEqual([path, timeless(json)])
  }
}, 180_000)
