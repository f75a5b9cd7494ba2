import { Client } from 'pg'
import { createDatabase, type TestDatabase } from '../../../test/stack/index.js'
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

it('a database of an older version has its deployments under the names of this one', async () => {
  // given: as it was, by tag whatever became of it, and by the environment's name as it was sent
  const deployment = (id: string, more: object) => {
    const facts = { id, application: 'shop', environment: ' Prod', imageTag: 'v1', deployedAt: '2026-02-12T10:00:00Z' }
    return { state: 'recorded', record: { ...facts, status: 'DEPLOYED', succeeded: true, ...more } }
  }
  const states = {
    ran: deployment(uuid(1), {}),
    failed: deployment(uuid(2), { status: 'FAILED', succeeded: false }),
    marked: deployment(uuid(3), { status: 'ROLLED_BACK', environment: 'QA' }),
  }
  for (const [n, [name, state]] of Object.entries(states).entries()) {
    const streamId = `deployment-old/${name}`
    await sql.query(
      `INSERT INTO ledger.stream (stream_id, tenant, version, state, recorded_at, begun, created_by, updated_by)
       VALUES ($1, 'old', 1, $2, now(), $3, $3, $3)`,
      [streamId, JSON.stringify(state), uuid(n)],
    )
    const rank = '2026-02-12T10:00:00.000Z'
    await enter('old', streamId, n, [
      ['tag/v1', place('shop', ' Prod'), rank],
      ['running', place('shop', ' Prod'), rank],
    ])
  }
  await enter('old', 'pipeline-old/rules', 9, [['rules', '', '']])
  await sql.query(`DELETE FROM ledger.migration WHERE name = 'ReindexDeployments1764500000000'`)

  // when
  await migrateLedger(database.url)

  // then
  const { rows } = await sql.query(
    `SELECT stream_id, name, place FROM ledger.stream_index WHERE tenant = 'old' ORDER BY stream_id, name`,
  )
  expect(rows.map(row => [row.stream_id, row.name, row.place])).toEqual([
    ['deployment-old/failed', 'attempt/v1', place('shop', 'prod')],
    ['deployment-old/marked', 'success/v1', place('shop', 'qa')],
    ['deployment-old/ran', 'running', place('shop', 'prod')],
    ['deployment-old/ran', 'success/v1', place('shop', 'prod')],
    ['pipeline-old/rules', 'rules', ''],
  ])
})
