import { randomUUID } from 'node:crypto'
import { Client } from 'pg'
import { createDatabase, type TestDatabase } from '#test/kit'
import { nextBatch } from './next-batch.js'
import { queryOn } from '#libs/postgres'
import { migrateLedger } from '../store/postgres.js'

const commands = new Map<string, string>()
const eventIds = new Map<string, string>()
const plenty = { events: 100, bytes: 1000 }
let database: TestDatabase
let sql: Client

beforeAll(async () => {
  database = await createDatabase()
  await migrateLedger(database.url)
  sql = new Client(database.url)
  await sql.connect()
})
afterAll(async () => {
  await sql.end()
  await database.drop()
})
beforeEach(() => sql.query('TRUNCATE ledger.outbox'))

/** Events as they came into the table: `a1` is the first one of command a; each of ten bytes, or as many as are said. */
async function pending(...names: (string | [string, number])[]): Promise<void> {
  for (const name of names) {
    const [event, bytes] = typeof name === 'string' ? [name, 10] : name
    const [command, eventId] = [idOf(commands, event[0]!), idOf(eventIds, event)]
    await sql.query(
      `INSERT INTO ledger.outbox (event_id, command_id, stream_id, version, partition, key, value, headers, bytes)
       VALUES ($1, $2, $3, 1, 0, $4, '', '{}', $5)`,
      [eventId, command, randomUUID(), event, bytes],
    )
  }
}

function idOf(ids: Map<string, string>, name: string): string {
  const id = ids.get(name) ?? randomUUID()
  ids.set(name, id)
  return id
}

async function next(limits: { events?: number; bytes?: number } = {}, unconfirmed: string[] = []): Promise<string> {
  const ids = unconfirmed.map(event => eventIds.get(event)!)
  const batch = await nextBatch(queryOn(sql), ids, { ...plenty, ...limits })
  return batch.map(({ key }) => key).join(' ')
}

it('is in the order of the decisions; what was written between the events of one comes behind them', async () => {
  await pending('a1', 'b1', 'a2', 'c1', 'b2')
  expect(await next()).toBe('a1 a2 b1 b2 c1')
})

it('ends with a command, by events and by bytes', async () => {
  await pending('a1', 'b1', 'a2', 'b2', 'c1')
  expect(await next({ events: 3 })).toBe('a1 a2')
  expect(await next({ events: 4 })).toBe('a1 a2 b1 b2')
  expect(await next({ bytes: 39 })).toBe('a1 a2')
  expect(await next({ bytes: 40 })).toBe('a1 a2 b1 b2')
})

it('has the next command’s last event too, where that was written behind as many others as a batch may have', async () => {
  await pending('a1', 'b1', 'c1', 'a2')
  expect(await next({ events: 2 })).toBe('a1 a2')
})

it('cuts a command that is beyond the limits by itself, and has one event at least', async () => {
  await pending('a1', 'a2', 'a3', 'b1')
  expect(await next({ events: 2 })).toBe('a1 a2')
  expect(await next({ bytes: 25 })).toBe('a1 a2')
  expect(await next({ bytes: 5 })).toBe('a1')
  await sql.query('TRUNCATE ledger.outbox')
  await pending(['a1', 2000], ['a2', 2000], 'b1')
  expect(await next()).toBe('a1')
})

it('leaves out what was appended and is not confirmed', async () => {
  await pending('a1', 'b1', 'a2', 'c1')
  expect(await next({}, ['a1', 'a2'])).toBe('b1 c1')
  expect(await next({}, ['a1', 'a2', 'b1', 'c1'])).toBe('')
})
