import { defaultPipeline, hashJson, type PromotionCommand, type PromotionEvent, streamIdOf } from '#libs/contracts'
import {
  configuration,
  type Configuration,
  contentOf,
  promotion,
  promotionStreams,
  pipeline,
  type Promotion,
  rulesStream,
} from '#libs/domain'
import { EventLog, type LogLogger } from '#libs/event-log'
import { Client } from 'pg'
import { brokers, createDatabase, freshTopicName, type TestDatabase } from '../../../test/stack/index.js'
import { Ledger, type CommandRequest, type Outcome } from './index.js'

const silent: LogLogger = { debug() {}, info() {}, warn() {}, error() {} }
const [tenant, now, promotionId] = ['acme', '2026-02-12T12:00:00Z', '0198c0de-0000-7000-8000-000000000001']
const author = { userId: 'ann' }
const request = { sourceEnvironment: 'dev', targetEnvironment: 'staging', promotionType: 'FULL' } as const

let database: TestDatabase
let log: EventLog
let ledger: Ledger

beforeAll(async () => {
  database = await createDatabase()
  log = new EventLog({ brokers: brokers(), topic: freshTopicName(), clientId: 'test', logger: silent })
  await open()
})
afterAll(async () => {
  await ledger.close()
  await log.close()
  await database.drop()
})

async function open(): Promise<void> {
  ledger = await Ledger.open({ databaseUrl: database.url, log, logger: silent })
  while (!(await ledger.health()).open) await new Promise(resolve => setImmediate(resolve))
}

/** Drops everything that the ledger knows, and has it built anew from the log. */
async function refold(): Promise<void> {
  await ledger.close()
  const sql = new Client(database.url)
  await sql.connect()
  await sql.query('DROP SCHEMA ledger CASCADE')
  await sql.end()
  await open()
}

function promote(command: PromotionCommand): Promise<Outcome<Promotion>> {
  const streams = promotionStreams(tenant, { request }, { ...pipeline.initial, pipeline: defaultPipeline })
  const asked: CommandRequest<Promotion, PromotionCommand, PromotionEvent> = {
    decider: promotion,
    target: {
      streamId: streamIdOf('promotion', tenant, promotionId),
      command,
      alongside: [streams.source, streams.target, rulesStream(tenant)],
    },
    caller: { tenant, correlationId: 'test' },
    bodyHash: hashJson(command),
    idempotency: { scope: command.type, key: 'once' },
  }
  return ledger.execute(asked)
}

async function checked() {
  const source = streamIdOf('configuration', tenant, 'dev')
  const states = await ledger.states([source])
  const ground = {
    tenant,
    source: states.get(source) as Configuration,
    target: configuration.initial,
    rules: pipeline.initial,
  }
  return contentOf(request, ground, { keys: [], unmatched: [] })
}

it('is answered by its own stream, also when it is repeated after the index was built anew', async () => {
  // given
  await ledger.execute({
    decider: configuration,
    target: {
      streamId: streamIdOf('configuration', tenant, 'dev'),
      command: {
        type: 'ChangeConfiguration',
        environment: 'dev',
        kind: 'configuration',
        now,
        set: [{ key: 'query.timeout', value: '180s' }],
        delete: [],
      },
    },
    caller: { tenant, correlationId: 'test' },
    bodyHash: hashJson('a configuration'),
  })
  const common = { promotionId, now, by: author }
  await promote({ type: 'CreatePromotion', ...common, tenant, request })
  await promote({ type: 'ValidatePromotion', ...common, checked: await checked() })
  await promote({ type: 'ApprovePromotion', ...common, by: { userId: 'bob' } })
  const execute = { type: 'ExecutePromotion', ...common } as const
  const first = await promote(execute)
  expect(first).toMatchObject({ kind: 'appended', answer: { state: { id: promotionId, state: 'EXECUTED' } } })

  // when
  await refold()

  // then
  expect(await promote(execute)).toEqual({ ...first, kind: 'repeated' })
})
