import { hashJson, type ConfigurationCommand, type ConfigurationEvent, refuse, streamIdOf } from '#libs/contracts'
import { configuration, entryOf, type Configuration } from '#libs/domain'
import { EventLog, type LogLogger } from '#libs/event-log'
import { randomUUID } from 'node:crypto'
import { brokers, createDatabase, freshTopicName, type TestDatabase } from '#test/kit'
import { Ledger, type CommandRequest, type CommandResult } from '../index.js'

type Request = CommandRequest<Configuration, ConfigurationCommand, ConfigurationEvent>
type Prepare = Extract<Request['target'], { prepare: unknown }>['prepare']

const silent: LogLogger = { debug() {}, info() {}, warn() {}, error() {} }
const [tenant, now] = ['acme', '2026-02-12T12:00:00Z']

let database: TestDatabase
let log: EventLog
let ledger: Ledger
let source: string
let target: string

beforeAll(async () => {
  database = await createDatabase()
  log = new EventLog({ brokers: brokers(), topic: freshTopicName(), clientId: 'test', logger: silent })
  ledger = await Ledger.open({ databaseUrl: database.url, log, logger: silent })
  while (!(await ledger.health()).open) await new Promise(resolve => setImmediate(resolve))
})
afterAll(async () => {
  await ledger.close()
  await log.close()
  await database.drop()
})
beforeEach(() => {
  source = streamIdOf('configuration', tenant, randomUUID())
  target = streamIdOf('configuration', tenant, randomUUID())
})

const put = (value: number): ConfigurationCommand => ({
  type: 'ChangeConfiguration',
  environment: 'any',
  kind: 'configuration',
  now,
  set: [{ key: 'k', value }],
  delete: [],
})

function execute(requested: Request['target'], more: Partial<Request> = {}): Promise<CommandResult<Configuration>> {
  const common = { decider: configuration, context: { tenant, correlationId: 'test' }, bodyHash: hashJson('body') }
  return ledger.execute<Configuration, ConfigurationCommand, ConfigurationEvent>({
    ...common,
    target: requested,
    ...more,
  })
}

const change = (streamId: string, value: number) => execute({ streamId, command: put(value) })

/** Puts into the target ten times what the source has. */
const tenfold: Prepare = async streams => {
  const state = (await streams.states([source])).get(source) as Configuration | undefined
  const value = state && (entryOf(state, 'configuration', 'k')!.value as number)
  return { streamId: target, command: put((value ?? 0) * 10) }
}

const value = async (streamId: string) =>
  entryOf((await ledger.states([streamId])).get(streamId) as Configuration, 'configuration', 'k')!.value

it('is decided on what it was prepared from', async () => {
  await change(source, 7)
  expect((await execute({ prepare: tenfold })).kind).toBe('appended')
  expect(await value(target)).toBe(70)
})

it('is decided on streams in which nothing has happened', async () => {
  expect((await execute({ prepare: tenfold })).kind).toBe('appended')
  expect(await value(target)).toBe(0)
})

it.each([
  ['changed', 1],
  ['begun', 0],
])('is prepared again where a stream was %s meanwhile', async (_, before) => {
  if (before > 0) await change(source, before)
  let times = 0
  const outcome = await execute({
    prepare: async streams => {
      const prepared = await tenfold(streams)
      if (++times === 1) await change(source, 8)
      return prepared
    },
  })
  expect([outcome.kind, times, await value(target)]).toEqual(['appended', 2, 80])
})

it('is refused where others are always faster, and may be sent again under its key', async () => {
  await change(source, 1)
  const idempotency = { scope: 'test', key: randomUUID() }
  let times = 0
  const overtaken: Prepare = async streams => {
    const prepared = await tenfold(streams)
    await change(source, ++times + 1)
    return prepared
  }
  const refused = await execute({ prepare: overtaken }, { idempotency })
  expect(refused).toMatchObject({ kind: 'refused', rejection: { code: 'conflict' } })
  expect(times).toBe(5)
  expect((await execute({ prepare: tenfold }, { idempotency })).kind).toBe('appended')
  expect(await value(target)).toBe(60)
})

it('holds nobody up, however long it is prepared', async () => {
  let end: () => void = () => undefined
  const ended = new Promise<void>(resolve => (end = resolve))
  const slow = execute({
    prepare: async streams => {
      const prepared = await tenfold(streams)
      await ended
      return prepared
    },
  })
  // Of another stream, of the very stream that it will change, and one that looks across streams.
  await change(streamIdOf('configuration', tenant, randomUUID()), 1)
  await change(target, 1)
  await execute({ find: async () => ({ streamId: target, command: put(2) }) })
  end()
  expect((await slow).kind).toBe('appended')
  expect(await value(target)).toBe(0)
})

it('is not prepared again where its key was used', async () => {
  await change(source, 3)
  const idempotency = { scope: 'test', key: randomUUID() }
  const first = await execute({ prepare: tenfold }, { idempotency })
  const again = await execute({ prepare: () => Promise.reject(new Error('was prepared again')) }, { idempotency })
  expect(again).toEqual({ ...first, kind: 'repeated' })
  const other = await execute({ prepare: tenfold }, { idempotency, bodyHash: hashJson('another body') })
  expect(other).toMatchObject({ kind: 'refused', rejection: { code: 'unprocessable' } })
})

it('may be refused by its preparation, which is kept under its key', async () => {
  const idempotency = { scope: 'test', key: randomUUID() }
  const refusal = refuse('unprocessable', 'this cannot be')
  const refused = await execute({ prepare: async () => refusal }, { idempotency })
  expect(refused).toMatchObject({ kind: 'refused', repeated: false, rejection: refusal })
  expect(await execute({ prepare: tenfold }, { idempotency })).toMatchObject({
    kind: 'refused',
    repeated: true,
    rejection: refusal,
  })
})

it('fails as its preparation fails, and leaves nothing', async () => {
  const idempotency = { scope: 'test', key: randomUUID() }
  const fails = execute({ prepare: () => Promise.reject(new Error('too busy')) }, { idempotency })
  await expect(fails).rejects.toThrow('too busy')
  expect((await execute({ prepare: tenfold }, { idempotency })).kind).toBe('appended')
})

it('is decided once, whichever of several that were prepared at once comes first', async () => {
  await change(source, 1)
  const outcomes = await Promise.all(
    Array.from({ length: 5 }, (_, n) =>
      execute({
        prepare: async streams => {
          const state = (await streams.states([target])).get(target) as Configuration | undefined
          const before = state ? (entryOf(state, 'configuration', 'k')!.value as number) : 0
          return { streamId: target, command: put(before + 1) }
        },
      }).then(({ kind }) => [n, kind]),
    ),
  )
  expect(outcomes.map(([, kind]) => kind)).toEqual(Array(5).fill('appended'))
  // Each counted on from what the one before had left: none was lost.
  expect(await value(target)).toBe(5)
})
