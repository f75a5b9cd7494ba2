import { randomUUID } from 'node:crypto'
import { defaultPipeline, hashJson, type PromotionCommand, type PromotionEvent, streamIdOf } from '#libs/contracts'
import {
  configuration,
  type Configuration,
  contentOf,
  promotion,
  promotionStreams,
  pipeline,
  type Promotion,
  pipelineStream,
} from '#libs/domain'
import { EventLog, type LogLogger } from '#libs/event-log'
import { Client } from 'pg'
import { brokers, createDatabase, freshTopicName, type TestDatabase } from '#test/kit'
import { Ledger, type CommandRequest, type CommandResult } from '../index.js'

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

/** Drops everything that the ledger knows, and has it rebuilt from the log. */
async function replayLog(): Promise<void> {
  await ledger.close()
  const sql = new Client(database.url)
  await sql.connect()
  await sql.query('DROP SCHEMA ledger CASCADE')
  await sql.end()
  await open()
}

function promote(command: PromotionCommand, key = 'once'): Promise<CommandResult<Promotion>> {
  const streams = promotionStreams(tenant, { request }, { ...pipeline.initial, pipeline: defaultPipeline })
  const requested: CommandRequest<Promotion, PromotionCommand, PromotionEvent> = {
    decider: promotion,
    target: {
      streamId: streamIdOf('promotion', tenant, command.promotionId),
      command,
      contextStreams: [streams.source, streams.target, pipelineStream(tenant)],
    },
    context: { tenant, correlationId: 'test' },
    bodyHash: hashJson(command.type),
    idempotency: { scope: `${command.type} ${command.promotionId}`, key },
  }
  return ledger.execute(requested)
}

async function checked() {
  const [source, target] = ['dev', 'staging'].map(name => streamIdOf('configuration', tenant, name)) as [string, string]
  const states = await ledger.states([source, target])
  const ground = {
    tenant,
    source: states.get(source) as Configuration,
    target: (states.get(target) as Configuration | undefined) ?? configuration.initial,
    settings: pipeline.initial,
  }
  return contentOf(request, ground, { keys: [], unmatched: [] })
}

let changes = 0
async function set(environment: string, value: number): Promise<void> {
  const set = [{ key: 'query.timeout', value }]
  await ledger.execute({
    decider: configuration,
    target: {
      streamId: streamIdOf('configuration', tenant, environment),
      command: { type: 'ChangeConfiguration', environment, kind: 'configuration', now, set, delete: [] },
    },
    context: { tenant, correlationId: 'test' },
    bodyHash: hashJson(`change ${++changes}`),
  })
}

it('is answered by its own stream, also when it is repeated after the index was rebuilt', async () => {
  // given
  await set('dev', 180)
  const common = { promotionId, now, by: author }
  await promote({ type: 'CreatePromotion', ...common, tenant, request })
  await promote({ type: 'ValidatePromotion', ...common, checked: await checked() })
  await promote({ type: 'ApprovePromotion', ...common, by: { userId: 'bob' } })
  const execute = { type: 'ExecutePromotion', ...common } as const
  const first = await promote(execute)
  expect(first).toMatchObject({ kind: 'appended', answer: { state: { id: promotionId, state: 'EXECUTED' } } })

  // when
  await replayLog()

  // then
  expect(await promote(execute)).toEqual({ ...first, kind: 'repeated' })
})

describe('a refusal that moved something', () => {
  it.each(['', ', after the index was rebuilt'])(
    'is repeated while nothing else is possible, and its key executes once it is%s',
    async rebuilt => {
      // given: a target that changed after the approval
      const id = randomUUID()
      const common = { promotionId: id, now, by: author }
      await set('dev', 200 + rebuilt.length)
      await promote({ type: 'CreatePromotion', ...common, tenant, request })
      await promote({ type: 'ValidatePromotion', ...common, checked: await checked() })
      await promote({ type: 'ApprovePromotion', ...common, by: { userId: 'bob' } })
      await set('staging', 300 + rebuilt.length)
      const execute = { type: 'ExecutePromotion', ...common } as const
      const first = await promote(execute)
      expect(first).toMatchObject({
        kind: 'refused',
        rejection: { code: 'conflict', details: { promotionState: 'VALIDATION_FAILED' } },
      })
      if (rebuilt !== '') await replayLog()
      expect(await promote(execute)).toEqual({ ...first, repeated: true })
      expect(await promote({ ...execute, by: { userId: 'x' } }, 'another')).toMatchObject({ kind: 'refused' })

      // when: it is validated and approved again
      await promote({ type: 'ValidatePromotion', ...common, checked: await checked() }, 'again')
      await promote({ type: 'ApprovePromotion', ...common, by: { userId: 'bob' } }, 'again')
      const outcomes = await Promise.all(Array.from({ length: 10 }, () => promote(execute)))

      // then
      expect(outcomes.map(({ kind }) => kind).toSorted()).toEqual(['appended', ...Array<string>(9).fill('repeated')])
      for (const outcome of outcomes) expect(outcome).toMatchObject({ answer: { state: { state: 'EXECUTED' } } })
      const executed = outcomes.find(({ kind }) => kind === 'appended')
      await replayLog()
      expect(await promote(execute)).toEqual({ ...executed, kind: 'repeated' })
    },
  )
})
