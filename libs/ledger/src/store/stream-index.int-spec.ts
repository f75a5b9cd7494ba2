import { Client } from 'pg'
import { createDatabase, type TestDatabase } from '#test/kit'
import { queryOn } from '#libs/postgres'
import { migrateLedger } from './postgres.js'
import { streamIndexOf, type StreamIndex } from './stream-index.js'

let database: TestDatabase
let sql: Client
let index: StreamIndex

beforeAll(async () => {
  database = await createDatabase()
  await migrateLedger(database.url)
  sql = new Client(database.url)
  await sql.connect()
  index = streamIndexOf(queryOn(sql), 'acme')
})
afterAll(async () => {
  await sql.end()
  await database.drop()
})

const uuid = (n: number) => `0198c0de-0000-7000-8000-${String(n).padStart(12, '0')}`
const day = (n: number) => new Date(Date.UTC(2026, 0, 1 + n)).toISOString()
const slot = (application: string, environment: string) => JSON.stringify([application, environment])

async function enter(
  tenant: string,
  streamId: string,
  n: number,
  entries: [name: string, groupKey: string, rank: string][],
) {
  for (const [name, groupKey, rank] of entries) {
    await sql.query(
      `INSERT INTO ledger.stream_index (stream_id, tenant, name, group_key, rank, first_event_id) VALUES ($1, $2, $3, $4, $5, $6)`,
      [streamId, tenant, name, groupKey, rank, uuid(n)],
    )
  }
}

describe('a lookup in the index', () => {
  beforeAll(async () => {
    await enter('acme', 'a', 1, [
      ['success/v1', slot('shop', 'prod'), day(1)],
      ['active', slot('shop', 'prod'), day(1)],
    ])
    await enter('acme', 'b', 3, [['success/v1', slot('shop', 'prod'), day(2)]])
    await enter('acme', 'c', 2, [
      ['success/v1', slot('shop', 'prod'), day(2)],
      ['active', slot('shop', 'prod'), day(2)],
    ])
    await enter('acme', 'd', 4, [['success/v1', slot('shop"', 'dev'), day(3)]])
    await enter('acme', 'e', 5, [['success/v1', slot('shop-2', 'dev'), day(3)]])
    await enter('other', 'f', 6, [['success/v1', slot('shop', 'qa'), day(3)]])
  })

  it('finds the groups under a name that start with a prefix, of this tenant, up to a limit', async () => {
    const shop = slot('shop', 'prod')
    expect(await index.groupKeys('success/v1', '[', 10)).toEqual(
      [shop, slot('shop-2', 'dev'), slot('shop"', 'dev')].toSorted(),
    )
    expect(await index.groupKeys('success/v1', '["shop",', 10)).toEqual([shop])
    expect(await index.groupKeys('success/v1', '[', 2)).toHaveLength(2)
    expect(await index.groupKeys('success/v9', '[', 10)).toEqual([])
    expect(await index.groupKeys('success/v1', '["none",', 10)).toEqual([])
  })

  it('finds the latest stream of each group, by rank, then by first event, with all of its names', async () => {
    const groupKeys = [slot('shop', 'prod'), slot('shop-2', 'dev'), slot('none', 'dev')]
    const latest = await index.latestOfEach('success/v1', groupKeys)
    expect(latest).toEqual([
      { streamId: 'b', groupKey: groupKeys[0], rank: day(2), firstEventId: uuid(3), names: ['success/v1'] },
      { streamId: 'e', groupKey: groupKeys[1], rank: day(3), firstEventId: uuid(5), names: ['success/v1'] },
    ])
    const [running] = await index.latestOfEach('active', groupKeys)
    expect([running!.streamId, running!.names.toSorted()]).toEqual(['c', ['active', 'success/v1']])
  })

  it('finds the latest streams of several groups together', async () => {
    const groupKeys = [slot('shop-2', 'dev'), slot('shop', 'prod')]
    const ids = async (limit: number) =>
      (await index.latest('success/v1', groupKeys, limit)).map(({ streamId }) => streamId)
    expect(await ids(10)).toEqual(['e', 'b', 'c', 'a'])
    expect(await ids(2)).toEqual(['e', 'b'])
    const until = async (rank: string, limit: number) =>
      (await index.latestUntil('success/v1', groupKeys, rank, limit)).map(({ streamId }) => streamId)
    expect(await until(day(2), 10)).toEqual(['b', 'c', 'a'])
    expect(await until(day(2), 1)).toEqual(['b'])
    expect(await until(day(0), 10)).toEqual([])
  })
})

it('a lookup reads few pages, regardless of the number of deployments of a tag', async () => {
  await sql.query(
    `INSERT INTO ledger.stream_index (stream_id, tenant, name, group_key, rank, first_event_id)
     SELECT 'deployment-many/' || n || name, 'many', name, $1, to_char(n, 'FM0000000'), gen_random_uuid()
     FROM generate_series(1, 20000) AS n, unnest(ARRAY['success/v1', 'active']) AS name`,
    [slot('shop', 'prod')],
  )
  await sql.query('VACUUM ANALYZE ledger.stream_index')
  const pages: number[] = []
  const explaining = streamIndexOf(async ({ text, values }) => {
    const { rows } = await sql.query(`EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${text}`, values)
    const { Plan: plan } = rows[0]!['QUERY PLAN'][0]
    pages.push(plan['Shared Hit Blocks'] + plan['Shared Read Blocks'])
    return []
  }, 'many')
  await explaining.groupKeys('success/v1', '[', 1000)
  await explaining.latestOfEach('active', [slot('shop', 'prod'), slot('shop', 'production')])
  await explaining.latest('active', [slot('shop', 'prod'), slot('shop', 'production')], 16)
  await explaining.latestUntil('active', [slot('shop', 'prod'), slot('shop', 'production')], '0010000', 16)
  expect(Math.max(...pages)).toBeLessThan(150)
})
