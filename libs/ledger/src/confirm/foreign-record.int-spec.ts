import { randomUUID } from 'node:crypto'
import { defaultApplication, hashJson, streamIdOf, type DeploymentCommand, type DeploymentEvent } from '#libs/contracts'
import { deployment, type Deployment } from '#libs/domain'
import { EventLog, type LogLogger } from '#libs/event-log'
import { Client } from 'pg'
import { writeForeignRecord } from '#test/independent/log/foreign-record'
import { brokers, createDatabase, freshTopicName } from '#test/kit'
import { Ledger, type CommandRequest } from '../index.js'

const silent: LogLogger = { debug() {}, info() {}, warn() {}, error() {} }
const now = '2026-02-12T12:00:00Z'

let database: Awaited<ReturnType<typeof createDatabase>>
let log: EventLog
let ledger: Ledger
let sql: Client

beforeEach(async () => {
  database = await createDatabase()
  log = new EventLog({ brokers: brokers(), topic: freshTopicName(), clientId: 'test', logger: silent })
  ledger = await Ledger.open({ databaseUrl: database.url, log, logger: silent, confirmTimeoutMs: 500 })
  sql = new Client(database.url)
  await sql.connect()
  while (!(await ledger.health()).open) await new Promise(resolve => setImmediate(resolve))
})

afterEach(async () => {
  await ledger.close()
  await log.close()
  await sql.end()
  await database.drop()
})

function recording(): CommandRequest<Deployment, DeploymentCommand, DeploymentEvent> {
  const deploymentId = randomUUID()
  const facts = {
    application: defaultApplication,
    environment: 'dev',
    imageTag: 'v1',
    status: 'DEPLOYED',
    deployedAt: now,
  }
  const command = { type: 'RecordDeployment', deploymentId, now, facts } as DeploymentCommand
  return {
    decider: deployment,
    target: { streamId: streamIdOf('deployment', 'acme', deploymentId), command },
    context: { tenant: 'acme', correlationId: randomUUID() },
    bodyHash: hashJson(command),
    creates: true,
  }
}

/** Where the log ends, behind something recorded just now; on a busy machine reading that back takes longer than is waited for. */
async function endOfLog(): Promise<[partition: number, seq: number]> {
  for (;;) {
    const outcome = await ledger.execute(recording())
    if (outcome.kind === 'appended') return [...outcome.positions][0]!
  }
}

async function endOf(partition: number): Promise<number> {
  return (await log.endOffsets()).get(partition)!
}

it('nothing is built on what somebody else wrote, while the index has not taken it in', async () => {
  // given: a partition, the index of which nobody can change
  const [partition, seq] = await endOfLog()
  await sql.query('BEGIN')
  const { rows } = await sql.query('SELECT hash FROM ledger.partition_log WHERE partition = $1 FOR UPDATE', [partition])

  // when: somebody numbers and chains a record as we would, of a type that nobody knows, and the index is about to take it in
  const [type, chain] = [
    'io.shiplog.deployment.recorded.v9',
    { ce_ledgerseq: String(seq + 1), ce_prevhash: rows[0].hash },
  ]
  const headers = { ce_id: randomUUID(), ce_causationid: randomUUID(), ce_type: type, ...chain }
  const offset = await writeForeignRecord(brokers(), log.topic, partition, { key: 'acme', value: '{}', headers })
  const waiting = 'SELECT FROM pg_locks WHERE pg_backend_pid() = ANY (pg_blocking_pids(pid))'
  while ((await sql.query(waiting)).rowCount === 0) await new Promise(resolve => setImmediate(resolve))
  const after = await ledger.execute(recording())
  await sql.query('ROLLBACK')

  // then: what is said meanwhile is promised, and not in the log
  expect(after.kind).toBe('accepted')
  expect(await endOf(partition)).toBe(Number(offset) + 1)
})

it('a record that says more than the chain covers is not built on, whatever its place says', async () => {
  // given
  const [partition, seq] = await endOfLog()
  const { rows } = await sql.query('SELECT hash FROM ledger.partition_log WHERE partition = $1', [partition])

  // when: somebody numbers and chains a record as we would, and names two tenants
  const headers = {
    ce_id: randomUUID(),
    ce_causationid: randomUUID(),
    ce_tenant: ['acme', 'other'],
    ce_ledgerseq: String(seq + 1),
    ce_prevhash: rows[0].hash,
  }
  const offset = await writeForeignRecord(brokers(), log.topic, partition, { key: 'acme', value: '{}', headers })
  const fault = `partition ${partition}, offset ${offset}: header ce_tenant is there more than once`
  const isReported = async () => (await ledger.health()).detail?.includes(fault)
  while (!(await isReported())) await new Promise(resolve => setImmediate(resolve))

  // then
  expect((await ledger.execute(recording())).kind).toBe('accepted')
  expect(await endOf(partition)).toBe(Number(offset) + 1)
})
