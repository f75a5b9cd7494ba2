import pg from 'pg'
import { cloudEventFindings } from '../independent/log/cloud-events.js'
import { foldDeployments } from '../independent/deployments/deployments.js'
import { checkRecords } from '../independent/log/log-check.js'
import { collectLog } from '../independent/log/log-reader.js'
import { recompute } from '../independent/answers/reducer.js'
import {
  AppProcess,
  type AppSettings,
  brokers,
  createDatabase,
  deploymentsPath,
  freshTopicName,
  type HttpAnswer,
  HttpClient,
  type TestDatabase,
  until,
} from '../kit/index.js'

// Two command replicas, two projectors and a query app, each a process of its own.

let database: TestDatabase
let settings: AppSettings
let commands: [AppProcess, AppProcess]
let projectors: [AppProcess, AppProcess]
let query: AppProcess
let writers: [HttpClient, HttpClient]
let reader: HttpClient

beforeAll(async () => {
  database = await createDatabase('distributed')
  settings = { brokers: brokers(), databaseUrl: database.url, topic: freshTopicName('distributed') }
  const names = ['command', 'command', 'projector', 'projector', 'query'] as const
  const apps = await Promise.all(names.map(name => AppProcess.ready(name, settings)))
  commands = [apps[0]!, apps[1]!]
  projectors = [apps[2]!, apps[3]!]
  query = apps[4]!
  writers = [new HttpClient(commands[0].url), new HttpClient(commands[1].url)]
  reader = new HttpClient(query.url)
}, 60_000)
afterAll(async () => {
  for (const http of [...(writers ?? []), reader]) http?.close()
  await Promise.all([...(commands ?? []), ...(projectors ?? []), query].map(app => app?.stop()))
  await database?.drop()
})

const deployment = (more: object = {}) => ({ environment: 'prod', imageTag: 'v1', ...more })
const statuses = (answers: HttpAnswer[]) => answers.map(({ status }) => status).toSorted()
const eventsOf = async (id: string) => {
  const log = await collectLog(brokers(), settings.topic)
  return log.filter(({ headers }) => headers['ce_subject']?.endsWith(id)).map(({ headers }) => headers['ce_type'])
}

it('a write on either replica is read by its position from the query app', async () => {
  for (let n = 0; n < 20; n++) {
    const written = await writers[n % 2]!.post(
      deploymentsPath,
      deployment({ application: `app-${n % 5}`, imageTag: `v${n}` }),
    )
    const read = await reader.after(written).get(`${deploymentsPath}/${written.json.id}`)
    expect([written.status, read.status]).toEqual([201, 200])
    expect(read.json).toEqual({ ...written.json, active: true })
  }
})

it('one of 100 concurrent rollbacks by id over both replicas succeeds, and the log has one event of it', async () => {
  const { json } = await writers[0].record(deployment())
  const path = `${deploymentsPath}/${json.id}/rollback`

  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, n) => writers[n % 2]!.post(path, { reason: `${n}` })),
  )

  expect(statuses(answers)).toEqual([200, ...Array.from({ length: 99 }, () => 409)])
  expect(await eventsOf(json.id)).toEqual(['io.shiplog.deployment.recorded.v1', 'io.shiplog.deployment.rolledback.v1'])
})

it('one of 100 concurrent rollbacks by tag over both replicas succeeds, and the log has one event of it', async () => {
  const { json } = await writers[0].record(deployment({ application: 'by-tag', imageTag: 'only-one' }))
  const path = `${deploymentsPath}/tag/only-one/rollback`
  const answers = await Promise.all(Array.from({ length: 100 }, (_, n) => writers[n % 2]!.post(path)))
  expect(statuses(answers)).toEqual([200, ...Array.from({ length: 99 }, () => 409)])
  expect(await eventsOf(json.id)).toHaveLength(2)
})

it('an Idempotency-Key used concurrently on both replicas executes one command', async () => {
  for (let n = 0; n < 10; n++) {
    const send = (http: HttpClient) => http.post(deploymentsPath, deployment(), { 'Idempotency-Key': `run-${n}` })
    const answers = await Promise.all([...writers, ...writers].map(send))
    const [first] = answers
    expect(statuses(answers)).toEqual([200, 200, 200, 201])
    expect(answers.map(({ json }) => json)).toEqual(answers.map(() => first!.json))
    expect(await eventsOf(first!.json.id)).toHaveLength(1)
  }
})

it('the other projector takes over all partitions when one is killed', async () => {
  const projected = async (app: AppProcess) => {
    const metrics = await (await fetch(`${app.url}/metrics`)).text()
    const counts = [...metrics.matchAll(/^shiplog_projector_events_total\{.*\} (\d+)$/gm)]
    return counts.reduce((sum, [, count]) => sum + Number(count), 0)
  }
  // Both have projected a part of the log; from now on one has to project all of it.
  expect((await Promise.all(projectors.map(projected))).every(count => count > 0)).toBe(true)
  await projectors[0].kill()

  const written = await Promise.all(
    Array.from({ length: 60 }, (_, n) =>
      writers[n % 2]!.post(deploymentsPath, deployment({ application: `app-${n}` })),
    ),
  )

  expect(new Set(statuses(written))).toEqual(new Set([201]))
  const partitions = written.map(({ headers }) => String(headers['shiplog-position']).split(':')[0])
  expect(new Set(partitions).size).toBe(12)
  const history = `${deploymentsPath}/history?limit=1`
  // The group waits for its dead member until the session of 10 s times out.
  const projectedAll = async () => (await reader.after(...written).get(history)).status === 200
  await until(projectedAll, 'everything to be projected', { within: 30_000 })
})

it('command replicas rebuild a dropped index when they start, and the query app reads it', async () => {
  const { json } = await writers[0].record(deployment())
  const log = await collectLog(brokers(), settings.topic)
  const { headers } = log.find(record => record.headers['ce_subject']?.endsWith(json.id))!
  const command = `/api/v1/commands/${headers['ce_causationid']}`
  const { position } = (await reader.get(command)).json
  await Promise.all(commands.map(app => app.stop()))
  await dropIndex()

  commands = [await AppProcess.ready('command', settings), await AppProcess.ready('command', settings)]
  for (const http of writers) http.close()
  writers = [new HttpClient(commands[0].url), new HttpClient(commands[1].url)]

  expect((await reader.get(command)).json).toMatchObject({ status: 'appended', position })
  const again = await writers[1].post(`${deploymentsPath}/${json.id}/rollback`)
  expect(again.status).toBe(200)
})

async function dropIndex(): Promise<void> {
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  await client.query('DROP SCHEMA ledger CASCADE')
  await client.end()
}

it('the other replica appends when the appender is killed', async () => {
  const leads = async (app: AppProcess) => {
    const { parts } = (await (await fetch(`${app.url}/readyz`)).json()) as { parts: { ledger: { appender: string } } }
    return parts.ledger.appender === 'leading'
  }
  const [first, second] = await Promise.all(commands.map(leads))
  expect([first, second].filter(Boolean)).toHaveLength(1)
  const [leader, follower] = first ? [commands[0], writers[1]] : [commands[1], writers[0]]
  const underWay = Array.from({ length: 50 }, (_, n) =>
    follower.post(deploymentsPath, deployment({ application: `app-${n}` })),
  )
  await leader.kill()

  const answers = await Promise.all(underWay)
  const after = await follower.post(deploymentsPath, deployment({ application: 'after-the-kill' }))

  expect(answers.every(({ status }) => status === 201 || status === 202)).toBe(true)
  expect(after.status).toBe(201)
  const appended = async () => {
    const urls = answers.filter(({ status }) => status === 202).map(({ json }) => json.url as string)
    const found = await Promise.all(urls.map(url => reader.get(url)))
    return found.every(({ json }) => json.status === 'appended')
  }
  await until(appended, 'accepted commands to be appended')
})

it('finally the log is complete, and the read models equal its fold', async () => {
  const log = await collectLog(brokers(), settings.topic)
  expect(checkRecords(log).findings).toEqual([])
  expect(cloudEventFindings(log)).toEqual([])

  const reading = reader.reflecting(checkRecords(log).ends)
  const { history, current } = recompute(foldDeployments(log))

  expect(await reading.all(`${deploymentsPath}/history?limit=100`)).toEqual(history)
  expect(await reading.all(`${deploymentsPath}/current?limit=7`)).toEqual(current)
})
