import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { big, fillSkewedTenants } from '#test/specs/read-models/skewed-tenants'
import { createDatabase, until, type TestDatabase } from '#test/kit'
import type { Query } from '#libs/postgres'
import {
  currentPage,
  environmentDrift,
  findDeployment,
  historyPage,
  ReadLimitExceeded,
  ReadModels,
  ReadModelsUnavailable,
  tagExistence,
  tagPath,
} from '../index.js'

interface Line {
  message: string
  statement?: string
  error?: unknown
}

let database: TestDatabase
let admin: pg.Client
let lines: Line[]

const logger = {
  info: () => undefined,
  warn: (message: string, fields: object = {}) => void lines.push({ message, ...fields }),
}

beforeAll(async () => {
  database = await createDatabase('read_models')
  admin = new pg.Client({ connectionString: database.url })
  await admin.connect()
})
afterAll(async () => {
  await admin.end()
  await database.drop()
})
beforeEach(() => {
  lines = []
})

async function open(more: { limitMs?: number; poolSize?: number } = {}): Promise<ReadModels> {
  const options = { databaseUrl: database.url, applicationName: `test ${randomUUID()}`, logger }
  const readModels = new ReadModels({ ...options, access: 'read', ...more })
  await readModels.open()
  return readModels
}

describe('a statement beyond the time limit', () => {
  const sleep = { name: 'sleep', text: 'SELECT pg_sleep(60)', values: [] }
  const sleeping = async () =>
    (await admin.query(`SELECT FROM pg_stat_activity WHERE state = 'active' AND query = $1`, [sleep.text])).rowCount
  let readModels: ReadModels

  beforeAll(async () => {
    readModels = await open({ limitMs: 300 })
  })
  afterAll(() => readModels.close())

  const ways: [string, (work: (query: Query) => Promise<unknown>) => Promise<unknown>][] = [
    ['alone', work => work(readModels.query)],
    ['in a snapshot', work => readModels.snapshot(work)],
  ]

  test.each(ways)(
    'is cancelled on the server, logged with name and cause, and rejected with ReadLimitExceeded (%s)',
    async (_, ask) => {
      const requested = ask(query => query(sleep))
      await until(async () => (await sleeping()) === 1, 'the statement runs')
      const error = (await requested.catch(reason => reason)) as ReadLimitExceeded
      expect(error).toBeInstanceOf(ReadLimitExceeded)
      expect(error.message).toContain('`limit`')
      expect(error.retryAfterSeconds).toBeGreaterThanOrEqual(10)
      expect(await sleeping()).toBe(0)
      expect(lines).toEqual([
        {
          message: 'Query cancelled',
          event: 'read_models.query_cancelled',
          statement: 'sleep',
          error: expect.objectContaining({ code: '57014' }),
        },
      ])
      expect(await ask(query => query({ text: 'SELECT 1 AS one', values: [] }))).toEqual([{ one: 1 }])
    },
  )

  test('is cancelled where the statements of one snapshot exceed the limit together', async () => {
    const naps = readModels.snapshot(async query => {
      for (;;) await query({ name: 'nap', text: 'SELECT pg_sleep(0.05)', values: [] })
    })
    await expect(naps).rejects.toThrow(ReadLimitExceeded)
    expect(lines).toMatchObject([{ message: 'Query cancelled', statement: 'nap' }])
  })

  test('is distinguished from a lost connection, which is logged and rejected with ReadModelsUnavailable', async () => {
    const requested = readModels.query(sleep).catch(reason => reason)
    await until(async () => (await sleeping()) === 1, 'the statement runs')
    await admin.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = $1`, [sleep.text])
    expect(await requested).toBeInstanceOf(ReadModelsUnavailable)
    expect(lines).toContainEqual({
      message: 'Query failed',
      event: 'read_models.query_failed',
      statement: 'sleep',
      error: expect.objectContaining({ code: '57P01' }),
    })
  })
})

describe('a query repeated on one connection', () => {
  const { tenant, application, imageTag, asOf, knownAt } = big
  const [source, target] = ['staging', 'production']
  let readModels: ReadModels

  beforeAll(async () => {
    readModels = await open({ poolSize: 1 })
    await fillSkewedTenants(database.url)
  })
  afterAll(() => readModels.close())

  const moments = { now: {}, 'with asOf': { asOf }, 'with knownAt': { knownAt }, 'with both': { asOf, knownAt } }
  const requests: [string, (query: Query) => Promise<unknown>][] = Object.entries(moments).flatMap(([when, moment]) => [
    [`current ${when}`, query => currentPage(query, { tenant, filters: {}, moment, limit: 50 })],
    [
      `current ${when} by environment`,
      query => currentPage(query, { tenant, filters: { environment: target }, moment, limit: 50 }),
    ],
    [`history ${when}`, query => historyPage(query, { tenant, filters: {}, moment, limit: 50 })],
    [
      `history ${when} by application`,
      query => historyPage(query, { tenant, filters: { application }, moment, limit: 50 }),
    ],
    [`history ${when} by tag`, query => historyPage(query, { tenant, filters: { imageTag }, moment, limit: 50 })],
    [
      `history ${when} by status`,
      query => historyPage(query, { tenant, filters: { status: ['FAILED'] }, moment, limit: 50 }),
    ],
    [`path ${when}`, query => tagPath(query, { tenant, imageTag, moment, limit: 50 })],
    [`drift ${when}`, query => environmentDrift(query, { tenant, source, target, application, limit: 50, ...moment })],
    [`deployment ${when}`, query => findDeployment(query, tenant, randomUUID(), moment)],
    [`exists ${when}`, query => tagExistence(query, { tenant, imageTag })],
  ])

  test.each(requests)('does not take longer than the first time: %s', async (_, ask) => {
    const took: number[] = []
    for (let n = 0; n < 20; n++) {
      const started = performance.now()
      await ask(readModels.query)
      took.push(performance.now() - started)
    }
    // A generic plan, which Postgres may choose from the sixth execution on, takes seconds for most of them.
    const later = took.slice(5).toSorted((a, b) => a - b)
    expect(later[7]!).toBeLessThan(2 * took[0]! + 250)
    expect(later[7]!).toBeLessThan(1000)
  })
})
