import { randomBytes, randomUUID } from 'node:crypto'
import pg from 'pg'
import {
  defaultApplication,
  hashJson,
  streamIdOf,
  type DeploymentCommand,
  type DeploymentEvent,
  type DeploymentFacts,
} from '#libs/contracts'
import { deployment, type Deployment } from '#libs/domain'
import { EventLog, type LogLogger } from '#libs/event-log'
import { brokers, createDatabase, freshTopicName, until } from '#test/kit'
import { queryOn } from '#libs/postgres'
import { Ledger, type CommandRequest } from '../index.js'
import type { QueuedCommand } from './decided-before.js'
import { commandsThatFit } from './group-size.js'

const silent: LogLogger = { debug() {}, info() {}, warn() {}, error() {} }
const now = '2026-02-12T12:00:00Z'

let database: Awaited<ReturnType<typeof createDatabase>>
let log: EventLog
let ledger: Ledger

beforeAll(async () => {
  database = await createDatabase()
  log = new EventLog({ brokers: brokers(), topic: freshTopicName(), clientId: 'test', logger: silent })
  ledger = await Ledger.open({ databaseUrl: database.url, log, logger: silent, confirmTimeoutMs: 60_000 })
  await until(async () => (await ledger.health()).open, 'the ledger to be open')
})

afterAll(async () => {
  await ledger.close()
  await log.close()
  await database.drop()
})

type Request = CommandRequest<Deployment, DeploymentCommand, DeploymentEvent>

function recording(tenant: string, sequence?: object, more: Partial<DeploymentFacts> = {}): Request {
  const deploymentId = randomUUID()
  const slot = { application: defaultApplication, environment: 'dev' }
  const facts = { ...slot, imageTag: 'v1', deployedAt: now, status: 'DEPLOYED' as const, ...more }
  const command = { type: 'RecordDeployment', deploymentId, tenant, now, facts } as const
  return {
    decider: deployment,
    target: { streamId: streamIdOf('deployment', tenant, deploymentId), command },
    context: { tenant, correlationId: randomUUID() },
    bodyHash: hashJson(command),
    creates: true,
    ...(sequence && { sequence }),
  }
}

it('a single command does not wait for all that a sequence has waiting', async () => {
  // given: an import with a window of lines that is larger than any
  const sequence = {}
  let decided = 0
  const lines = Array.from({ length: 5000 }, async () => {
    await ledger.execute(recording('bulk', sequence))
    decided += 1
  })

  // when
  await ledger.execute(recording('neighbour'))

  // then: it was in the next group, or the one after it
  expect(decided).toBeLessThan(4000)
  await Promise.all(lines)
})

describe('a group of commands on large deployments', () => {
  /** Of 100 kB, which Postgres cannot compress to less than half. */
  const commits = () =>
    Array.from({ length: 150 }, () => ({
      sha: randomBytes(128).toString('hex'),
      committedAt: now,
      author: 'a'.repeat(250),
    }))
  let pending: Request[]
  let completions: Request[]

  beforeAll(async () => {
    pending = Array.from({ length: 40 }, () => recording('large', undefined, { status: 'PENDING', commits: commits() }))
    await Promise.all(pending.map(request => ledger.execute(request)))
    completions = pending.map(request => {
      const { streamId, command } = request.target as { streamId: string; command: { deploymentId: string } }
      const { deploymentId } = command
      const completed = { type: 'CompleteDeployment', deploymentId, now, status: 'DEPLOYED', completedAt: now } as const
      return { ...request, creates: false, target: { streamId, command: completed }, bodyHash: hashJson(completed) }
    })
  })

  it('loads as many as fit into memory', async () => {
    const client = new pg.Client(database.url)
    await client.connect()
    const group = completions.map(({ target }) => ({ commandId: randomUUID(), target }) as unknown as QueuedCommand)
    const fitting = await commandsThatFit(queryOn(client), group)
    await client.end()
    expect(fitting).toBeGreaterThan(4)
    expect(fitting).toBeLessThan(20)
  })

  it('is decided whole, in parts', async () => {
    const results = await Promise.all(completions.map(request => ledger.execute(request)))
    expect(new Set(results.map(({ kind }) => kind))).toEqual(new Set(['appended']))
  })
})
