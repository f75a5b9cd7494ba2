import { differences } from '../independent/differences.js'
import { checkLog } from '../independent/log/log-check.js'
import { recompute, type Recomputed } from '../independent/answers/reducer.js'
import { generatedDeployments, realDataThere, realDeployments } from './dataset.js'
import { latencies, print } from '../api/imported/figures.js'
import { caughtUp, deploymentsOf, listsOf, putPipeline, readLists } from '../api/imported/imported.js'
import { realPipeline } from '../api/imported/pipeline.js'
import { RealTenant } from '../api/imported/tenant.js'
import {
  brokers,
  countResults,
  deploymentsPath,
  importRecords,
  type LineResult,
  type Service,
  startService,
} from '../kit/index.js'

// All real deployments, imported over HTTP into one process; what it then answers is compared with a plain recomputation.

const lines = realDataThere ? realDeployments() : generatedDeployments(5000)
const describeRealData = realDataThere ? describe : describe.skip
if (!realDataThere)
  print('the real deployments are not there: 3 cases are skipped, the others use 5,000 generated ones')

let service: Service
let results: LineResult[]
let expected: Recomputed
let gov: RealTenant

beforeAll(async () => {
  // However slow the machine is, a line is answered when it was read back.
  service = await startService('standalone', { SHIPLOG_CONFIRM_TIMEOUT_MS: '60000' })
}, 60_000)
afterAll(() => service?.end())

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
  const http = service.http.as('gov')
  const deployments = deploymentsOf('gov', lines, results)
  expected = recompute(deployments, realPipeline)
  const read = await readLists(http, lines)
  gov = new RealTenant(http, deployments, read.recordedAt)
  const { history, current } = listsOf(expected, lines)
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

it('current, path, drift and metrics at random moments are those of the recomputation', async () => {
  expect(await gov.askAtRandom(150)).toEqual({ current: [], path: [], drift: [], metrics: [] })
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
  const { events, findings } = await checkLog(brokers(), service.topic)
  const pipelines = 1
  expect([events, findings]).toEqual([lines.length + pipelines, []])
}, 600_000)
