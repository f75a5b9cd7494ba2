import { Client } from 'pg'
import { createDatabase, type TestDatabase } from '#test/kit'
import { migrateLedger, queryOn } from './postgres.js'
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
const place = (application: string, environment: string) => JSON.stringify([application, environment])

async function enter(
  tenant: string,
  streamId: string,
  n: number,
  entries: [name: string, place: string, rank: string][],
) {
  for (const [name, at, rank] of entries) {
    await sql.query(
      `INSERT INTO ledger.stream_index (stream_id, tenant, name, place, rank, begun) VALUES ($1, $2, $3, $4, $5, $6)`,
      [streamId, tenant, name, at, rank, uuid(n)],
    )
  }
}

describe('what is found in the index', () => {
  beforeAll(async () => {
    await enter('acme', 'a', 1, [
      ['success/v1', place('shop', 'prod'), day(1)],
      ['running', place('shop', 'prod'), day(1)],
    ])
    await enter('acme', 'b', 3, [['success/v1', place('shop', 'prod'), day(2)]])
    await enter('acme', 'c', 2, [
      ['success/v1', place('shop', 'prod'), day(2)],
      ['running', place('shop', 'prod'), day(2)],
    ])
    await enter('acme', 'd', 4, [['success/v1', place('shop"', 'dev'), day(3)]])
    await enter('acme', 'e', 5, [['success/v1', place('shop-2', 'dev'), day(3)]])
    await enter('other', 'f', 6, [['success/v1', place('shop', 'qa'), day(3)]])
  })

  it('are places under a name, those that begin so, of this tenant, and only so many', async () => {
    const shop = place('shop', 'prod')
    expect(await index.places('success/v1', '[', 10)).toEqual(
      [shop, place('shop-2', 'dev'), place('shop"', 'dev')].toSorted(),
    )
    expect(await index.places('success/v1', '["shop",', 10)).toEqual([shop])
    expect(await index.places('success/v1', '[', 2)).toHaveLength(2)
    expect(await index.places('success/v9', '[', 10)).toEqual([])
    expect(await index.places('success/v1', '["none",', 10)).toEqual([])
  })

  it('is the latest of each place, by rank, ties by what was begun later, with all of its names', async () => {
    const places = [place('shop', 'prod'), place('shop-2', 'dev'), place('none', 'dev')]
    const latest = await index.latestOfEach('success/v1', places)
    expect(latest).toEqual([
      { streamId: 'b', place: places[0], rank: day(2), begun: uuid(3), names: ['success/v1'] },
      { streamId: 'e', place: places[1], rank: day(3), begun: uuid(5), names: ['success/v1'] },
    ])
    const [running] = await index.latestOfEach('running', places)
    expect([running!.streamId, running!.names.toSorted()]).toEqual(['c', ['running', 'success/v1']])
  })

  it('are the latest of some places together', async () => {
    const places = [place('shop-2', 'dev'), place('shop', 'prod')]
    const ids = async (limit: number) =>
      (await index.latest('success/v1', places, limit)).map(({ streamId }) => streamId)
    expect(await ids(10)).toEqual(['e', 'b', 'c', 'a'])
    expect(await ids(2)).toEqual(['e', 'b'])
  })
})

it('what is found costs some steps of an index, however often a tag was deployed', async () => {
  await sql.query(
    `INSERT INTO ledger.stream_index (stream_id, tenant, name, place, rank, begun)
     SELECT 'deployment-many/' || n || name, 'many', name, $1, to_char(n, 'FM0000000'), gen_random_uuid()
     FROM generate_series(1, 20000) AS n, unnest(ARRAY['success/v1', 'running']) AS name`,
    [place('shop', 'prod')],
  )
  await sql.query('VACUUM ANALYZE ledger.stream_index')
  const pages: number[] = []
  const explaining = streamIndexOf(async (text, values) => {
    const { rows } = await sql.query(`EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${text}`, values as unknown[])
    const { Plan: plan } = rows[0]!['QUERY PLAN'][0]
    pages.push(plan['Shared Hit Blocks'] + plan['Shared Read Blocks'])
    return []
  }, 'many')
  await explaining.places('success/v1', '[', 1000)
  await explaining.latestOfEach('running', [place('shop', 'prod'), place('shop', 'production')])
  await explaining.latest('running', [place('shop', 'prod'), place('shop', 'production')], 16)
  expect(Math.max(...pages)).toBeLessThan(150)
})
