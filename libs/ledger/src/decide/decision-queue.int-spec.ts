import { randomUUID } from 'node:crypto'
import { defaultApplication, hashJson, streamIdOf, type DeploymentCommand, type DeploymentEvent } from '#libs/contracts'
import { deployment, type Deployment } from '#libs/domain'
import { EventLog, type LogLogger } from '#libs/event-log'
import { brokers, createDatabase, freshTopicName, until } from '#test/kit'
import { Ledger, type CommandRequest } from '../index.js'

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

function recording(tenant: string, sequence?: object): CommandRequest<Deployment, DeploymentCommand, DeploymentEvent> {
  const deploymentId = randomUUID()
  const place = { application: defaultApplication, environment: 'dev' }
  const facts = { ...place, imageTag: 'v1', deployedAt: now, status: 'DEPLOYED' } as const
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
