import { randomUUID } from 'node:crypto'
import { hashJson, streamIdOf, type Decider } from '#libs/contracts'
import { deployment } from '#libs/domain'
import { EventLog, type LogLogger } from '#libs/event-log'
import { Client } from 'pg'
import { brokers, createDatabase, freshTopicName, type TestDatabase, until } from '#test/kit'
import { collectLog } from '#test/independent/log/log-reader'
import * as current from './index.js'

type AnyDecider = Decider<unknown, unknown, unknown>
type Version = typeof current & { decider: AnyDecider }

const silent: LogLogger = { debug() {}, info() {}, warn() {}, error() {} }
const thisVersion: Version = { ...current, decider: deployment as unknown as AnyDecider }

/** The ledger with a decider of deployments of the next version, whose states have another form. */
function loadNextVersion(): Version {
  const { initial, evolve, ...same } = thisVersion.decider
  const decider: AnyDecider = {
    ...same,
    stateVersion: same.stateVersion + 1,
    initial,
    evolve: (state, event) => ({ ...(evolve(state, event) as object), form: 'next' }),
  }
  let ledger!: typeof current
  jest.isolateModules(() => {
    jest.doMock('#libs/domain', () => ({ ...jest.requireActual<object>('#libs/domain'), deciders: [decider] }))
    ledger = require('./index.js') as typeof current
  })
  return { ...ledger, decider }
}

const nextVersion = loadNextVersion()

let database: TestDatabase
let log: EventLog
let sql: Client
const open = new Set<current.Ledger>()

beforeEach(async () => {
  database = await createDatabase('versions')
  log = new EventLog({ brokers: brokers(), topic: freshTopicName('versions'), clientId: 'test', logger: silent })
  sql = new Client(database.url)
  await sql.connect()
})
afterEach(async () => {
  for (const ledger of open) await stop(ledger)
  await log.close()
  await sql.end()
  await database.drop()
})

async function start({ Ledger }: Version, confirmTimeoutMs = 30_000): Promise<current.Ledger> {
  const ledger = await Ledger.open({ databaseUrl: database.url, log, logger: silent, confirmTimeoutMs })
  open.add(ledger)
  return ledger
}

async function stop(ledger: current.Ledger): Promise<void> {
  open.delete(ledger)
  await ledger.close()
}

function untilOpen(ledger: current.Ledger): Promise<unknown> {
  return until(async () => (await ledger.health()).open, 'the gate to open', { within: 30_000 })
}

/** Records a deployment on a replica. The same id repeats it. */
function record(ledger: current.Ledger, { decider }: Version, id: string) {
  const facts = {
    application: 'shop',
    environment: 'dev',
    imageTag: 'v1',
    status: 'DEPLOYED',
    deployedAt: '2026-02-12T10:00:00Z',
  }
  const now = '2026-02-12T12:00:00Z'
  const command = { type: 'RecordDeployment', deploymentId: id, tenant: 'acme', now, facts }
  return ledger.execute({
    decider,
    target: { streamId: streamIdOf('deployment', 'acme', id), command },
    context: { tenant: 'acme', correlationId: randomUUID() },
    bodyHash: hashJson({ id }),
    creates: true,
  })
}

const unavailable = expect.objectContaining({ name: 'LedgerUnavailable', retryAfterSeconds: 2 })

/** States of all streams, with the forms that they have. */
async function states(): Promise<{ ids: string[]; forms: string[] }> {
  const { rows } = await sql.query<{ id: string; form: string }>(
    `SELECT right(stream_id, 36) AS id, coalesce(state ->> 'form', 'this') AS form FROM ledger.stream ORDER BY stream_id`,
  )
  return { ids: rows.map(({ id }) => id).toSorted(), forms: [...new Set(rows.map(({ form }) => form))] }
}

/** The rows that decisions read, but those that only a running ledger has. */
async function index(): Promise<unknown> {
  const read = async (text: string) => (await sql.query(text)).rows
  return {
    streams: await read('SELECT * FROM ledger.stream ORDER BY stream_id'),
    entries: await read('SELECT * FROM ledger.stream_index ORDER BY stream_id, name'),
    commands: await read('SELECT * FROM ledger.command ORDER BY command_id'),
  }
}

it('two replicas of different state versions decide one after the other, each on states of its own', async () => {
  const [a, b, c] = [randomUUID(), randomUUID(), randomUUID()]
  const older = await start(thisVersion)
  await untilOpen(older)
  expect((await record(older, thisVersion, a)).kind).toBe('appended')

  // A replica of the next version does not decide on states of this one, and does not disturb the one that does.
  const newer = await start(nextVersion)
  await expect(record(newer, nextVersion, b)).rejects.toEqual(unavailable)
  expect((await record(older, thisVersion, b)).kind).toBe('appended')
  expect((await states()).forms).toEqual(['this'])

  // It takes over, and replays the log.
  await stop(older)
  await untilOpen(newer)
  expect(await states()).toEqual({ ids: [a, b].toSorted(), forms: ['next'] })
  expect((await record(newer, nextVersion, b)).kind).toBe('repeated')

  // Now it is the replica of this version that does not decide.
  const restarted = await start(thisVersion)
  await expect(record(restarted, thisVersion, c)).rejects.toEqual(unavailable)
  expect((await record(newer, nextVersion, c)).kind).toBe('appended')
  await stop(newer)
  await untilOpen(restarted)
  expect(await states()).toEqual({ ids: [a, b, c].toSorted(), forms: ['this'] })
})

it('a replica of the next state version appends what waits in the outbox once, and its index equals a fresh one', async () => {
  const [a, b] = [randomUUID(), randomUUID()]
  const older = await start(thisVersion)
  await untilOpen(older)
  expect((await record(older, thisVersion, a)).kind).toBe('appended')
  await stop(older)

  // given: a decision of this version, while nobody can append
  await sql.query(`SELECT pg_advisory_lock(hashtext('shiplog appender'), hashtext($1))`, [log.topic])
  const follower = await start(thisVersion, 100)
  expect((await record(follower, thisVersion, b)).kind).toBe('accepted')
  await stop(follower)

  // when
  const newer = await start(nextVersion)
  await expect(record(newer, nextVersion, b)).rejects.toEqual(unavailable)
  await sql.query('SELECT pg_advisory_unlock_all()')
  await untilOpen(newer)

  // then
  expect((await record(newer, nextVersion, b)).kind).toBe('repeated')
  expect(await states()).toEqual({ ids: [a, b].toSorted(), forms: ['next'] })
  const streams = (await collectLog(brokers(), log.topic)).map(({ headers }) => headers['ce_subject'])
  expect(streams.toSorted()).toEqual([a, b].map(id => streamIdOf('deployment', 'acme', id)).toSorted())
  const replayed = await index()
  await stop(newer)
  await sql.query('DROP SCHEMA ledger CASCADE')
  await untilOpen(await start(nextVersion))
  expect(await index()).toEqual(replayed)
})
