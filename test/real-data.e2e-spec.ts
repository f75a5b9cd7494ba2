import type { Deployment } from './independent/deployments.js'
import { differences } from './independent/differences.js'
import { LogCheck } from './independent/log-check.js'
import { readLog } from './independent/log-reader.js'
import { recompute, type Recomputed } from './independent/reducer.js'
import { generatedDeployments, type ImportLine, realDataThere, realDeployments } from './real-data/dataset.js'
import { latencies, print } from './real-data/figures.js'
import { realPipeline } from './real-data/pipeline.js'
import { RealTenant } from './real-data/tenant.js'
import {
  brokers,
  CommandLine,
  countResults,
  deploymentsPath,
  type HttpClient,
  importRecords,
  type LineResult,
  type Service,
  shuffled,
  startService,
} from './stack/index.js'

// All real deployments, imported over HTTP into one process; what it then answers is compared with a plain recomputation.

const lines = realDataThere ? realDeployments() : generatedDeployments(5000)
const describeRealData = realDataThere ? describe : describe.skip
if (!realDataThere) print('the real deployments are not there: 1 case is skipped, the others use 5,000 generated ones')

let service: Service
let results: LineResult[]
let expected: Recomputed
let gov: RealTenant
let mixed: RealTenant

beforeAll(async () => {
  // However slow the machine is, a line is answered when it was read back.
  service = await startService('standalone', { SHIPLOG_CONFIRM_TIMEOUT_MS: '60000' })
}, 60_000)
afterAll(() => service?.end())

/** What the plain recomputation needs to know about imported lines, by the answers that they got. */
function deploymentsOf(tenant: string, imported: ImportLine[], answers: LineResult[]): Deployment[] {
  return imported.map(({ actor, gitCommit, ...facts }, index) => {
    const { id = '', position = '' } = answers[index]!
    const [partition, seq] = position.split(':').map(Number) as [number, number]
    const place = { partition, seq, lastSeq: seq, version: 1 }
    return {
      tenant,
      id,
      ...facts,
      ...place,
      status: 'DEPLOYED',
      succeeded: true,
      recordedAt: '',
      more: { actor, gitCommit },
    }
  })
}

/** Says in which order the environments of the real data come; what is read by the client that it resolves with knows it. */
async function putPipeline(http: HttpClient): Promise<HttpClient> {
  const environments = realPipeline.environments.map(name => ({ name }))
  const headers = { 'Content-Type': 'application/json' }
  const body = JSON.stringify({ environments })
  const answer = await http.send({ method: 'PUT', path: '/api/v1/config/pipeline', headers, body })
  if (answer.status >= 300) throw new Error(`${answer.status} ${answer.text}`)
  return http.after(answer)
}

/** Reads when everything that was imported is projected. Resolves with how long that took, in ms. */
async function caughtUp(http: HttpClient, answers: LineResult[]): Promise<number> {
  const since = performance.now()
  const ends = new Map<string, number>()
  for (const { position = '' } of answers) {
    const [partition = '', seq] = position.split(':')
    ends.set(partition, Math.max(ends.get(partition) ?? 0, Number(seq)))
  }
  const minimum = [...ends].map(end => end.join(':')).join(',')
  for (;;) {
    const { status } = await http.with({ 'Shiplog-Min-Position': minimum }).get(`${deploymentsPath}/history?limit=1`)
    if (status === 200) return performance.now() - since
    // It has waited two seconds for the projector before it said so.
    expect(status).toBe(503)
  }
}

/** Waits until what a client was told last is projected: all of a tenant's deployments are, when its pipeline changes. */
async function readable(http: HttpClient): Promise<void> {
  while ((await http.get(`${deploymentsPath}/history?limit=1`)).status === 503);
}

/** Everything that the tenant's lists say, of each application and environment by itself; without when it was recorded. */
async function readAll(http: HttpClient) {
  const history: unknown[] = []
  for (const place of new Set(
    lines.map(({ application, environment }) => `${application}&environment=${environment}`),
  )) {
    history.push(...(await http.all(`${deploymentsPath}/history?application=${place}&limit=500`)))
  }
  return {
    recordedAt: new Map((history as Recorded[]).map(({ id, recordedAt }) => [id, recordedAt])),
    history: history.map(untimed),
    current: (await http.all(`${deploymentsPath}/current?limit=500`)).map(untimed),
  }
}

interface Recorded {
  id: string
  recordedAt: string
}

/** @param recordedAt when each was recorded, which only the service knows */
function tenantOf(tenant: string, deployments: Deployment[], recordedAt: Map<string, string>): RealTenant {
  const timed = deployments.map(deployment => ({ ...deployment, recordedAt: recordedAt.get(deployment.id)! }))
  return new RealTenant(service.http.as(tenant), timed)
}

function untimed(record: unknown): unknown {
  const { recordedAt: _, ...rest } = record as Record<string, unknown>
  return rest
}

/** The recomputed history in the order in which `readAll` reads it. */
function byPlace({ history, current }: Recomputed) {
  const places = new Map(
    lines.map(({ application, environment }) => [`${application} ${environment}`, [] as unknown[]]),
  )
  for (const record of history) {
    places.get(`${String(record['application'])} ${String(record['environment'])}`)!.push(untimed(record))
  }
  return { history: [...places.values()].flat(), current: current.map(untimed) }
}

it(`${lines.length} deployments are imported: recorded all`, async () => {
  await putPipeline(service.http.as('gov'))
  const since = performance.now()
  const run = await importRecords(service.app.url, lines, { tenant: 'gov' })
  const seconds = (performance.now() - since) / 1000
  expect([run.complete, countResults(run.results)]).toEqual([true, { recorded: lines.length }])
  const behind = await caughtUp(service.http.as('gov'), run.results)

  expect(run.results.every(({ line }, index) => line === index + 1)).toBe(true)
  results = run.results
  print(`import: ${lines.length} events in ${seconds.toFixed(1)} s, ${Math.round(lines.length / seconds)} events/s`)
  print(`projector: caught up ${Math.round(behind)} ms after the last line was answered`)
}, 600_000)

it('imported again: repeated all, with the ids and positions that they have', async () => {
  const since = performance.now()
  const run = await importRecords(service.app.url, lines, { tenant: 'gov' })
  expect([run.complete, countResults(run.results)]).toEqual([true, { repeated: lines.length }])
  expect(
    differences(
      run.results,
      results.map(result => ({ ...result, result: 'repeated' })),
    ),
  ).toEqual([])
  print(`import again: ${Math.round(lines.length / ((performance.now() - since) / 1000))} lines/s`)
}, 600_000)

it('history and current of every application and environment are what the file says', async () => {
  const deployments = deploymentsOf('gov', lines, results)
  expected = recompute(deployments, realPipeline)
  const read = await readAll(service.http.as('gov'))
  gov = tenantOf('gov', deployments, read.recordedAt)
  const { history, current } = byPlace(expected)
  expect(differences(read.history, history)).toEqual([])
  expect(differences(read.current, current)).toEqual([])
}, 600_000)

describeRealData('of the real data', () => {
  it('1,103 rollbacks are inferred', () => {
    expect(expected.inferred).toEqual({ integration: 716, staging: 214, production: 173 })
  })

  it('11 of 71 applications differ between staging and production', async () => {
    const { json } = await service.http
      .as('gov')
      .get(`${deploymentsPath}/drift?source=staging&target=production&limit=500`)
    const rows = json.applications as Record<string, unknown>[]
    const differing = rows.filter(({ state }) => state !== 'same')
    expect([rows.length, differing.length]).toEqual([71, 11])
    const [longest] = differing.toSorted((a, b) => Number(b['ageSeconds']) - Number(a['ageSeconds']))
    expect(longest).toMatchObject({ application: 'draft-router', state: 'onlyInSource' })
  })

  it('production was deployed to 21,154 times, and recovered from each of 173 failures', async () => {
    const window = 'from=2022-10-01T00:00:00Z&to=2025-07-01T00:00:00Z&bucket=month'
    const { json } = await service.http.as('gov').get(`${deploymentsPath}/metrics?${window}`)
    expect(json).toMatchObject({
      environment: 'production',
      deployments: 21_154,
      changeFailRate: { rate: expect.closeTo(0.008178, 6), rolledBackInferred: 173 },
      failedDeploymentRecoveryTime: { medianSeconds: 8411, recovered: 173, open: 0 },
      promotionLeadTime: { medianSeconds: 509, p95Seconds: expect.closeTo(1362.6, 6), tags: 20_678 },
    })
  })
})

it('in another order the same history, current and inferred rollbacks come about', async () => {
  const mixedLines = shuffled(lines)
  const run = await importRecords(service.app.url, mixedLines, { tenant: 'mixed' })
  expect([run.complete, countResults(run.results)]).toEqual([true, { recorded: lines.length }])
  const behind = await caughtUp(service.http.as('mixed'), run.results)
  // Only now: what was projected by another order of the environments must come to the same.
  const http = await putPipeline(service.http.as('mixed'))
  await readable(http)

  const deployments = deploymentsOf('mixed', mixedLines, run.results)
  const recomputed = recompute(deployments, realPipeline)
  const read = await readAll(http)
  mixed = tenantOf('mixed', deployments, read.recordedAt)
  const { history, current } = byPlace(recomputed)

  expect(differences(read.history, history)).toEqual([])
  expect(differences(read.current, current)).toEqual([])
  expect(recomputed.inferred).toEqual(expected.inferred)
  print(`projector, shuffled: caught up ${Math.round(behind)} ms after the last line was answered`)
}, 600_000)

it('current, path, drift and metrics at random moments are those of the recomputation', async () => {
  const none = { current: [], path: [], drift: [], metrics: [] }
  expect(await gov.askAtRandom(150)).toEqual(none)
  expect(await mixed.askAtRandom(75)).toEqual(none)
}, 600_000)

it('current and the first page of the history are answered fast', async () => {
  const http = service.http.as('gov')
  for (const path of ['current', 'history', 'history?environment=production', 'history?application=whitehall']) {
    const { slowest, p50, p99 } = await latencies(200, () => http.get(`${deploymentsPath}/${path}`))
    print(`GET ${path}: p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`)
    expect(slowest).toBeLessThan(2000)
  }
})

it('the log holds each fact once, in an unbroken chain', async () => {
  const check = new LogCheck()
  await readLog(brokers(), service.topic, record => check.take(record))
  const { events, findings } = check.summary()
  const pipelines = 2
  expect([events, findings]).toEqual([2 * lines.length + pipelines, []])
}, 600_000)

it('rebuilt from the log and swapped, the read models answer the same', async () => {
  const settings = { brokers: brokers(), databaseUrl: service.database.url, topic: service.topic }
  expect(await CommandLine.run(['rebuild', '--swap'], settings)).toMatchObject({ code: 0 })
  const none = { current: [], path: [], drift: [], metrics: [] }
  expect(await gov.askAtRandom(20)).toEqual(none)
  expect(await mixed.askAtRandom(20)).toEqual(none)
}, 600_000)
