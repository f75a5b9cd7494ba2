import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { hashJson, streamIdOf, type DeploymentCommand } from '#libs/contracts'
import { deployment, type Deployment } from '#libs/domain'
import { EventLog } from '#libs/event-log'
import { Ledger, type CommandResult } from '#libs/ledger'
import { brokers, createDatabase, freshTopicName, until, type TestDatabase } from '#test/kit'
import { startQueryApp, type TestQueryApp } from '#test/kit/apps/query-app'

const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }
const now = '2026-02-12T12:00:00Z'
const tenant = 'acme'

let database: TestDatabase
let log: EventLog
let ledger: Ledger | undefined
let app: TestQueryApp

beforeAll(async () => {
  database = await createDatabase('query_log')
  const topic = freshTopicName('query')
  log = new EventLog({ brokers: brokers(), topic, clientId: 'test', logger: quiet })
  ledger = await Ledger.open({ databaseUrl: database.url, log, logger: quiet })
  app = await startQueryApp({ databaseUrl: database.url, brokers: brokers(), topic })
  await until(async () => (await ledger!.health()).open, 'the ledger is open')
  await until(async () => (await app.get('/readyz')).status === 200, 'the query app is ready')
})
afterAll(async () => {
  await app.close()
  await ledger?.close()
  await log.close()
  await database.drop()
})

function execute(id: string, command: DeploymentCommand): Promise<CommandResult<Deployment>> {
  return ledger!.execute({
    decider: deployment,
    target: { streamId: streamIdOf('deployment', tenant, id), command },
    context: { tenant, correlationId: randomUUID() },
    bodyHash: hashJson(command),
    idempotency: { scope: 'POST /test', key: randomUUID() },
  })
}

function record(application: string, imageTag: string): Promise<CommandResult<Deployment>> {
  const deploymentId = randomUUID()
  const facts = { application, environment: 'dev', imageTag, status: 'DEPLOYED' as const, deployedAt: now }
  return execute(deploymentId, { type: 'RecordDeployment', deploymentId, tenant, now, facts })
}

/** The position of the event of a command. */
function positionOf(outcome: CommandResult<Deployment>): { partition: number; seq: number } {
  if (outcome.kind !== 'appended') throw new Error(`the command was ${outcome.kind}`)
  const [[partition, seq]] = [...outcome.positions] as [[number, number]]
  return { partition, seq }
}

/** Lines of a verification. */
async function verify(): Promise<Record<string, unknown>[]> {
  const { status, headers, text } = await app.get('/api/v1/log/verify')
  expect([status, headers.get('content-type')]).toEqual([200, 'application/x-ndjson'])
  return text
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line) as Record<string, unknown>)
}

test('GET of a command returns its status and position, to its tenant only', async () => {
  const appended = await record('checkout', 'v1')
  const missing = randomUUID()
  const notFound = await execute(missing, { type: 'RollBackDeployment', deploymentId: missing, now, rolledBackAt: now })
  const facts = {
    application: 'checkout',
    environment: 'dev',
    imageTag: 'v1',
    status: 'DEPLOYED',
    deployedAt: now,
  } as const
  const wrong = { ...facts, completedAt: '2020-02-12T12:00:00Z' }
  const refused = await execute(missing, { type: 'RecordDeployment', deploymentId: missing, tenant, now, facts: wrong })
  const getCommand = (commandId: string, from = tenant) =>
    app.get(`/api/v1/commands/${commandId}`, { 'X-Tenant-ID': from })

  const response = await getCommand(appended.commandId)
  const { partition, seq } = positionOf(appended)
  const position = `${partition}:${seq}`
  expect([response.status, response.json]).toEqual([
    200,
    { id: appended.commandId, status: 'appended', receivedAt: expect.stringMatching(/Z$/), position },
  ])
  expect(response.headers.get('shiplog-position')).toBe(position)

  expect((await getCommand(refused.commandId)).json).toMatchObject({
    status: 'refused',
    problem: { status: 422, errors: [{ pointer: '/completedAt' }] },
  })
  const others = [
    await getCommand(appended.commandId, 'other'),
    await getCommand(notFound.commandId),
    await getCommand(randomUUID()),
  ]
  for (const other of others) expect(other.status).toBe(404)
  expect(await getCommand('17')).toMatchObject({ status: 400, json: { errors: [{ parameter: 'commandId' }] } })
})

test('GET of an unknown command returns 503 while the index catches up with the log', async () => {
  const known = await record('checkout', 'v1')
  const getCommand = (commandId: string) => app.get(`/api/v1/commands/${commandId}`, { 'X-Tenant-ID': tenant })
  const sql = new pg.Client(database.url)
  await sql.connect()
  const gate = (openFor: string) => sql.query(`UPDATE ledger.gate SET open_for = ${openFor}`)
  try {
    await gate(`'-infinity'`)
    expect((await getCommand(known.commandId)).status).toBe(200)
    const { status, json, headers } = await getCommand(randomUUID())
    expect([status, json.detail]).toEqual([503, expect.stringContaining('catching up')])
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
  } finally {
    await gate('pg_postmaster_start_time()')
    await sql.end()
  }
})

test('GET positions returns the end of each partition and how much of it is projected', async () => {
  const outcome = await record('checkout', 'v2')
  const { partition, seq } = positionOf(outcome)
  const { status, json } = await app.get('/api/v1/log/positions')
  expect([status, json.length]).toEqual([200, 12])
  expect(json[partition]).toEqual({
    partition,
    seq,
    offset: expect.any(Number),
    hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    updatedAt: expect.stringMatching(/Z$/),
    projected: 0,
  })
})

test('verify checks every hash chain, reports its progress, and ends with the verdict', async () => {
  // given: events in several partitions
  await Promise.all(['a', 'b', 'c', 'd', 'e', 'f'].map(application => record(application, 'v1')))
  const positions = (await app.get('/api/v1/log/positions')).json as { partition: number; seq: number }[]
  const total = positions.reduce((sum, { seq }) => sum + seq, 0)

  // when
  const lines = await verify()

  // then
  expect(lines.slice(0, -1).every(({ type }) => type === 'progress')).toBe(true)
  expect(lines.at(-1)).toEqual({
    type: 'verdict',
    verdict: 'valid',
    events: total,
    seconds: expect.any(Number),
    faults: [],
    faultCount: 0,
    partitions: Object.fromEntries(positions.map(({ partition, seq }) => [partition, seq])),
  })
  expect(lines.length).toBeGreaterThan(2)
})

test('a second verification is rejected with 503 during the first', async () => {
  const both = await Promise.all([app.get('/api/v1/log/verify'), app.get('/api/v1/log/verify')])
  expect(both.map(({ status }) => status).toSorted()).toEqual([200, 503])
  expect((await verify()).at(-1)).toMatchObject({ verdict: 'valid' })
})

test('HEAD of verify starts no verification', async () => {
  const heads = await Promise.all(
    Array.from({ length: 5 }, () => fetch(`${app.url}/api/v1/log/verify`, { method: 'HEAD' })),
  )
  expect(heads.map(({ status, headers }) => [status, headers.get('content-type')])).toEqual(
    heads.map(() => [200, 'application/x-ndjson']),
  )
})

test('verify can start again after its client has disconnected', async () => {
  const left = new AbortController()
  const response = await fetch(`${app.url}/api/v1/log/verify`, { signal: left.signal })
  await response.body!.getReader().read()
  left.abort()
  await until(async () => (await app.get('/api/v1/log/verify')).status === 200, 'the next verification to be taken')
})

test('verify reports an event of another writer that does not continue the hash chain', async () => {
  // given: the ledger is closed, and the last event does not continue the chain
  const { partition, seq } = positionOf(await record('checkout', 'v3'))
  await ledger!.close()
  ledger = undefined
  const appender = await log.openAppender()
  const headers = { ce_ledgerseq: String(seq + 2), ce_prevhash: '0'.repeat(64) }
  await appender.append([{ partition, key: 'acme/checkout', value: '{}', headers }])
  await appender.close()

  // when
  const lines = await verify()

  // then
  expect(lines.at(-1)).toMatchObject({
    verdict: 'broken',
    faultCount: 2,
    faults: [
      { partition, seq: seq + 2, detail: `comes after ${seq}` },
      { partition, seq: seq + 2, detail: expect.stringContaining('names 0000') },
    ],
  })
})
