import { differences } from '../../independent/differences.js'
import { checkLog } from '../../independent/log/log-check.js'
import { recompute, type Recomputed } from '../../independent/answers/reducer.js'
import type { ImportLine } from './generated.js'
import { latencies, print } from './figures.js'
import { caughtUp, deploymentsOf, listsOf, putPipeline, readLists } from './imported.js'
import { realPipeline } from './pipeline.js'
import { RealTenant } from './tenant.js'
import {
  brokers,
  countResults,
  deploymentsPath,
  importRecords,
  runs,
  type LineResult,
  type Service,
  startService,
} from '../../kit/index.js'

/** What a suite makes, for further tests behind it. */
export interface Imported {
  service: Service
  /** What the plain recomputation comes to. */
  expected: Recomputed
}

/** Imports deployments over HTTP into one process; what it then answers is compared with a plain recomputation. */
export function testImport(lines: ImportLine[]): () => Imported {
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

  it('current, path, drift and metrics at random moments are those of the recomputation', async () => {
    expect(await gov.askAtRandom(runs(150))).toEqual({ current: [], path: [], drift: [], metrics: [] })
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

  return () => ({ service, expected })
}
