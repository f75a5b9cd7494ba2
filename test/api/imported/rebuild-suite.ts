import pg from 'pg'
import { differences } from '../../independent/differences.js'
import { checkLog } from '../../independent/log/log-check.js'
import { recompute } from '../../independent/answers/reducer.js'
import type { ImportLine } from './generated.js'
import { print } from './figures.js'
import { asInFile, caughtUp, deploymentsOf, listsOf, putPipeline, readable, readLists } from './imported.js'
import { realPipeline } from './pipeline.js'
import { RealTenant } from './tenant.js'
import {
  AppProcess,
  type AppName,
  brokers,
  CommandLine,
  countResults,
  createDatabase,
  deploymentsPath,
  freshTopicName,
  HttpClient,
  importRecords,
  runs,
  shuffled,
  type TestDatabase,
  until,
} from '../../kit/index.js'

/**
 * Imports deployments in another order than theirs. Then the read models are rebuilt beside the live ones, while clients write and read; the
 * rebuild is killed on the way.
 */
export function testRebuild(inOrder: ImportLine[]): void {
  const lines = shuffled(inOrder)
  const LIMIT_MS = 300_000
  let database: TestDatabase
  let settings: { brokers: string[]; databaseUrl: string; topic: string }
  let tables: pg.Client
  let command: HttpClient
  let query: HttpClient
  let mixed: RealTenant
  const apps: AppProcess[] = []
  const none = { current: [], path: [], drift: [], metrics: [] }

  beforeAll(async () => {
    database = await createDatabase('rebuild')
    settings = { brokers: brokers(), databaseUrl: database.url, topic: freshTopicName('rebuild') }
    tables = new pg.Client({ connectionString: database.url })
    await tables.connect()
    const environment = { SHIPLOG_CONFIRM_TIMEOUT_MS: '60000' }
    const start = async (name: AppName) => {
      const app = await AppProcess.ready(name, { ...settings, environment })
      apps.push(app)
      return new HttpClient(app.url).as('mixed')
    }
    command = await start('command')
    await start('projector')
    query = await start('query')
  }, 60_000)
  afterAll(async () => {
    command?.close()
    query?.close()
    await Promise.all(apps.map(app => app.stop()))
    await tables?.end()
    await database?.drop()
  }, 60_000)

  /** Events that a schema's read models reflect; 0 where there is none. */
  async function eventsIn(schema: string): Promise<number> {
    const { rows: known } = await tables.query('SELECT to_regclass($1) AS table', [`${schema}.projection_position`])
    if (known[0].table === null) return 0
    const { rows } = await tables.query(
      `SELECT coalesce(sum(seq), 0)::int AS events FROM ${schema}.projection_position`,
    )
    return rows[0].events
  }

  function untilBuilt(events: number): Promise<unknown> {
    const built = async () => (await eventsIn('read_v1_next')) > events
    return until(built, `${events} events to be built`, { within: LIMIT_MS })
  }

  /** Writes for one tenant and asks for another without a pause, until it is told to stop; what is not answered well is a finding. */
  function working() {
    const writer = command.as('busy')
    const reader = query.as('busy')
    const stopping = new AbortController()
    const findings: string[] = []
    const took = { write: [] as number[], read: [] as number[], 'read what was written': [] as number[] }
    const send = async (kind: keyof typeof took, wanted: number, ask: () => ReturnType<HttpClient['get']>) => {
      const since = performance.now()
      const answer = await ask()
      took[kind].push(performance.now() - since)
      if (answer.status !== wanted) findings.push(`${kind}: ${answer.status} ${answer.text}`)
      return answer
    }
    const write = async () => {
      while (!stopping.signal.aborted) {
        const deployment = { application: 'whitehall', environment: 'production', imageTag: `v${took.write.length}` }
        const written = await send('write', 201, () => writer.post(deploymentsPath, deployment))
        const path = `${deploymentsPath}/${(written.json as { id: string }).id}`
        await send('read what was written', 200, () => reader.after(written).get(path))
      }
    }
    const read = async () => {
      while (!stopping.signal.aborted) {
        for (const path of ['current', 'history?application=whitehall', 'history?environment=production']) {
          await send('read', 200, () => query.get(`${deploymentsPath}/${path}`))
        }
      }
    }
    const all = Promise.all([write(), read()])
    return async (during: string): Promise<string[]> => {
      stopping.abort()
      await all
      for (const [kind, times] of Object.entries(took)) print(`${during}: ${kind} ${summary(times)}`)
      return findings
    }
  }

  function summary(times: number[]): string {
    const ordered = times.toSorted((a, b) => a - b)
    const at = (share: number) =>
      `${ordered[Math.min(ordered.length - 1, Math.floor(ordered.length * share))]!.toFixed(0)} ms`
    return `${times.length} answers, p50 ${at(0.5)}, p99 ${at(0.99)}, slowest ${at(1)}`
  }

  it(
    'in another order the same history, current and inferred rollbacks come about',
    async () => {
      const run = await importRecords(command.url, lines, { tenant: 'mixed' })
      expect([run.complete, countResults(run.results)]).toEqual([true, { recorded: lines.length }])
      const behind = await caughtUp(query, run.results)
      // Only now: what was projected by another order of the environments must come to the same.
      const http = query.after(await putPipeline(command))
      await readable(http)

      const deployments = deploymentsOf('mixed', lines, run.results)
      const recomputed = recompute(deployments, realPipeline)
      const read = await readLists(http, lines)
      mixed = new RealTenant(http, deployments, read.recordedAt)
      const { history, current } = listsOf(recomputed, lines)

      expect(differences(read.history, history)).toEqual([])
      expect(differences(read.current, current)).toEqual([])
      expect(recomputed.inferred).toEqual(recompute(asInFile(inOrder), realPipeline).inferred)
      print(`projector, shuffled: caught up ${Math.round(behind)} ms after the last line was answered`)
    },
    LIMIT_MS,
  )

  it(
    'the log holds each fact once, in an unbroken chain',
    async () => {
      const pipelines = 1
      const { events, findings } = await checkLog(brokers(), settings.topic)
      expect([events, findings]).toEqual([lines.length + pipelines, []])
    },
    LIMIT_MS,
  )

  it(
    'current, path, drift and metrics at random moments are those of the recomputation',
    async () => {
      expect(await mixed.askAtRandom(runs(75))).toEqual(none)
    },
    LIMIT_MS,
  )

  it(
    'a rebuild that is interrupted, and killed, goes on where it was and ends equal, and everybody is answered all along',
    async () => {
      const atRest = working()
      await until(async () => (await eventsIn('read_v1')) > lines.length + 50, 'some writes', { within: LIMIT_MS })
      expect(await atRest('without a rebuild')).toEqual([])

      // when
      const done = working()
      const interrupted = CommandLine.start(['rebuild'], settings)
      await untilBuilt(lines.length / 8)
      expect(await interrupted.interrupt()).toEqual({ code: 130, signal: null })
      const killed = CommandLine.start(['rebuild'], settings)
      await untilBuilt(lines.length / 4)
      await killed.kill()
      const built = await eventsIn('read_v1_next')
      const last = await CommandLine.run(['rebuild'], settings)

      // then
      expect(await done('during a rebuild')).toEqual([])
      for (const line of last.text.split('\n')) print(line)
      expect(last.code).toBe(0)
      const from = /at event ([\d,]+)/.exec(last.text)?.[1]?.replaceAll(',', '')
      expect(Number(from)).toBeGreaterThanOrEqual(built)
      expect(last.text).not.toContain('differs')
    },
    LIMIT_MS,
  )

  it(
    'what was changed by hand is found and named; a swap takes the place of it, and is not noticed',
    async () => {
      const path = `${deploymentsPath}/history?application=${lines[0]!.application}&limit=500`
      const before = await query.all(path)
      await tables.query(`UPDATE read_v1.deployment_history SET image_tag = 'by hand' WHERE application = $1`, [
        lines[0]!.application,
      ])
      const done = working()

      const refused = await CommandLine.run(['rebuild', '--swap'], settings)
      expect([refused.code, refused.text]).toEqual([1, expect.stringMatching(/deployment_history +differs/)])
      expect(refused.text).toMatch(new RegExp(`different: ${before.length.toLocaleString('en')} rows`))
      expect(refused.text).toContain('image_tag: live "by hand", next "')

      const swapped = await CommandLine.run(['rebuild', '--model', 'history', '--swap-anyway'], settings)
      expect([swapped.code, swapped.text]).toEqual([0, expect.stringContaining('Swapped: history.')])
      const again = await CommandLine.run(['rebuild', '--drop-old'], settings)
      expect(again.code).toBe(0)
      expect(await done('during a swap')).toEqual([])
      expect(await query.all(path)).toEqual(before)
    },
    LIMIT_MS,
  )

  it(
    'rebuilt from the log and swapped, the read models answer the same',
    async () => {
      expect(await CommandLine.run(['rebuild', '--swap'], settings)).toMatchObject({ code: 0 })
      expect(await mixed.askAtRandom(runs(40))).toEqual(none)
    },
    LIMIT_MS,
  )

  it(
    'verify finds the log valid and the read models equal to a replay',
    async () => {
      const { code, text } = await CommandLine.run(['verify'], settings)
      for (const line of text.split('\n')) print(line)
      expect([code, text]).toEqual([0, expect.stringContaining('equal to a replay of the log')])
      expect(text).toMatch(/^log: valid, /m)
      expect(await eventsIn('read_v1_verify')).toBe(0)
    },
    LIMIT_MS,
  )

  it(
    'rebuild index replays the log with and without a running app, and repeated lines are recognised',
    async () => {
      const some = lines.slice(0, 2000)
      const again = async () => {
        const { results } = await importRecords(command.url, some, { tenant: 'mixed' })
        return countResults(results)
      }
      const events = (await checkLog(brokers(), settings.topic)).events
      const folded = `${events.toLocaleString('en')} events replayed in`

      const openSince = async () =>
        String((await tables.query('SELECT open_since FROM ledger.gate')).rows[0].open_since)
      const first = await openSince()
      const beside = await CommandLine.run(['rebuild', 'index'], settings)
      for (const line of beside.text.split('\n')) print(line)
      expect([beside.code, beside.text]).toEqual([0, expect.stringContaining(folded)])
      expect(await again()).toEqual({ repeated: some.length })
      const second = await openSince()

      await apps.shift()!.stop()
      const alone = await CommandLine.run(['rebuild', 'index'], settings)
      expect([alone.code, alone.text]).toEqual([0, expect.stringContaining(folded)])
      expect(new Set([first, second, await openSince()]).size).toBe(3)
      command.close()
      const app = await AppProcess.ready('command', settings)
      apps.unshift(app)
      command = new HttpClient(app.url).as('mixed')
      expect(await again()).toEqual({ repeated: some.length })
      expect(await checkLog(brokers(), settings.topic)).toMatchObject({ events, findings: [] })
    },
    LIMIT_MS,
  )
}
