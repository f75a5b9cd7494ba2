import { collectLog } from '../independent/log/log-reader.js'
import {
  AppProcess,
  deploymentsPath,
  expectProblem,
  type HttpAnswer,
  HttpClient,
  type OwnServers,
  startOwnServers,
  until,
} from '../kit/index.js'

// Kafka or Postgres is unavailable: responses report it, and accepted commands are executed later.

const topic = 'shiplog.events.v1'
const deployment = { id: '44444444-4444-4444-8444-444444444444', environment: 'dev', imageTag: 'v1' }

let servers: OwnServers
let app: AppProcess
let http: HttpClient

beforeAll(async () => {
  servers = await startOwnServers()
  const { brokers, databaseUrl } = servers
  const environment = { SHIPLOG_CONFIRM_TIMEOUT_MS: '1000' }
  app = await AppProcess.ready('standalone', { brokers, databaseUrl, topic, environment })
  http = new HttpClient(app.url)
}, 120_000)
afterAll(async () => {
  http?.close()
  await app?.stop()
  await servers?.end()
}, 60_000)

/** Waits until /readyz returns 503 because of the part. */
async function expectNotReady(part: string): Promise<void> {
  let answer: HttpAnswer
  const says = async () => {
    answer = await http.get('/readyz')
    return answer.status === 503 && answer.json.parts[part]?.ok === false
  }
  await until(says, `/readyz to name ${part}`, { within: 30_000 })
  expectProblem(answer!, 503)
  expect(answer!.json.detail).toContain(part)
  expect((await http.get('/healthz')).status).toBe(200)
}

/** The history once the write is projected; the projector reconnects automatically. */
async function readAfter(written: HttpAnswer): Promise<HttpAnswer> {
  let read: HttpAnswer
  const projected = async () => (read = await http.after(written).get(`${deploymentsPath}/history`)).status === 200
  await until(projected, 'the read models', { within: 30_000 })
  return read!
}

describe('while Kafka is unavailable', () => {
  let command: string

  it('/readyz returns 503 and names Kafka', async () => {
    await servers.kafka.kill()
    await expectNotReady('kafka')
  }, 60_000)

  it('a write returns 202 with the URL of its command, which is accepted', async () => {
    const answer = await http.post(deploymentsPath, deployment)
    expect([answer.status, answer.json.status, answer.json.deploymentId]).toEqual([202, 'accepted', deployment.id])
    command = String(answer.headers['location'])
    expect(command).toMatch(/^\/api\/v1\/commands\/[0-9a-f-]{36}$/)
    expect((await http.get(command)).json).toMatchObject({ status: 'accepted' })
  })

  it('a repeated write is accepted as the same command, and reads continue', async () => {
    const again = await http.post(deploymentsPath, deployment)
    expect([again.status, again.headers['location']]).toEqual([202, command])
    expect((await http.get(`${deploymentsPath}/history`)).json).toEqual([])
  })

  it('the event is appended once when Kafka is back', async () => {
    await servers.kafka.start()
    await app.isReady()
    const appended = async () => (await http.get(command)).json.status === 'appended'
    await until(appended, 'the command to be appended', { within: 30_000 })

    const repeated = await http.post(deploymentsPath, deployment)
    const log = await collectLog(servers.brokers, topic)

    expect([repeated.status, repeated.json.id]).toEqual([200, deployment.id])
    expect(log.map(({ headers }) => headers['ce_subject'])).toEqual([`deployment-default/${deployment.id}`])
    const { json } = await readAfter(repeated)
    expect(json).toMatchObject([{ id: deployment.id, active: true }])
  }, 120_000)
})

describe('while Postgres is unavailable', () => {
  it('/readyz returns 503 and names Postgres', async () => {
    await servers.postgres.kill()
    await expectNotReady('postgres')
  }, 60_000)

  it.each<[string, string, object | undefined]>([
    ['POST', deploymentsPath, { environment: 'dev', imageTag: 'v2' }],
    ['POST', `${deploymentsPath}/${deployment.id}/rollback`, {}],
    ['GET', `${deploymentsPath}/history`, undefined],
    ['GET', `${deploymentsPath}/current`, undefined],
    ['GET', `${deploymentsPath}/${deployment.id}`, undefined],
    ['GET', `/api/v1/commands/${deployment.id}`, undefined],
    ['GET', '/api/v1/log/positions', undefined],
  ])('%s %s returns 503 with Retry-After', async (method, path, body) => {
    const answer = method === 'GET' ? await http.get(path) : await http.post(path, body)
    expectProblem(answer, 503)
    expect(Number(answer.headers['retry-after'])).toBeGreaterThanOrEqual(1)
  })

  it('writes succeed when Postgres is back, and rejected ones have left nothing', async () => {
    await servers.postgres.start()
    await app.isReady()
    const written = await http.record({ environment: 'dev', imageTag: 'v3' })
    const { json } = await readAfter(written)
    expect(json.map((record: { imageTag: string; status: string }) => [record.imageTag, record.status])).toEqual([
      ['v3', 'DEPLOYED'],
      ['v1', 'DEPLOYED'],
    ])
  }, 60_000)
})

it('a read with a position that is not reached returns 503 with Retry-After', async () => {
  const answer = await http.get(`${deploymentsPath}/history`, { 'Shiplog-Min-Position': '3:1000000' })
  expectProblem(answer, 503)
  expect(Number(answer.headers['retry-after'])).toBeGreaterThanOrEqual(1)
})
