import pg from 'pg'
import { createDatabase, until } from '#test/kit'
import { embeddedPostgres, postgresUrl, startEmbeddedPostgres } from './embedded-postgres.js'
import type { EmbeddedServer } from '../process/embedded-server.js'
import { choosePort } from '../process/ports.js'
import { removeData } from './postgres-home.js'
import { isAlive } from '../process/process-table.js'
import { makeScratchData } from '../stack/scratch-data.js'

let data: string
let postgres: EmbeddedServer

beforeAll(async () => {
  data = makeScratchData()
  postgres = await startEmbeddedPostgres({ data, port: await choosePort([]) })
  await query('CREATE TABLE kept (id int)')
  await query('INSERT INTO kept VALUES (1), (2)')
})

afterAll(async () => {
  await postgres.stop()
  removeData(data)
})

test('embedded Postgres keeps its data after kill -9 of the postmaster with a busy connection', async () => {
  const busy = new pg.Client({ connectionString: postgresUrl(postgres.port) })
  busy.on('error', () => {})
  await busy.connect()
  const sleeping = busy.query('SELECT pg_sleep(60)').catch((error: Error) => error)
  await until(
    async () => (await count(`pg_stat_activity WHERE query LIKE '%pg_sleep(60)' AND pid <> pg_backend_pid()`)) === 1,
    'the busy query',
  )
  const before = postgres.pid

  await postgres.kill()
  await postgres.start()

  expect(await sleeping).toBeInstanceOf(Error)
  expect(postgres.pid).not.toBe(before)
  expect(await count('kept')).toBe(2)
})

test('embedded Postgres ends an orphaned process on the same data and continues with the data', async () => {
  const orphan = postgres.pid
  const next = await embeddedPostgres({ data, port: postgres.port })

  await next.start()
  postgres = next

  expect(isAlive(orphan)).toBe(false)
  expect(await count('kept')).toBe(2)
})

test('embedded Postgres restarts on the same port', async () => {
  await postgres.restart()

  expect(await count('kept')).toBe(2)
})

test('embedded Postgres includes its log in the error when it cannot start', async () => {
  const other = await embeddedPostgres({ data, port: postgres.port, settings: { work_mem: 'much' } })
  await postgres.stop()

  await expect(other.start()).rejects.toThrow(/PostgreSQL ended while starting:[^]*work_mem/)

  await postgres.start()
})

test('embedded Postgres has its default settings and listens on loopback only', async () => {
  const client = new pg.Client({ connectionString: postgresUrl(postgres.port) })
  await client.connect()
  const names = ['fsync', 'synchronous_commit', 'full_page_writes', 'max_connections', 'listen_addresses']
  const { rows } = await client.query(`SELECT ${names.map(name => `current_setting('${name}') AS ${name}`).join(', ')}`)
  await client.end()

  expect(rows).toEqual([
    {
      fsync: 'on',
      synchronous_commit: 'on',
      full_page_writes: 'on',
      max_connections: '200',
      listen_addresses: '127.0.0.1',
    },
  ])
})

test('createDatabase creates a separate database', async () => {
  const database = await createDatabase('mine')
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  const { rows } = await client.query('SELECT current_database() AS name')
  await client.end()
  await database.drop()

  expect(rows[0].name).toMatch(/^mine_/)
  await expect(new pg.Client({ connectionString: database.url }).connect()).rejects.toThrow(/does not exist/)
})

async function query(sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: postgresUrl(postgres.port) })
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

async function count(from: string): Promise<number> {
  const [{ count }] = await query(`SELECT count(*) FROM ${from}`)
  return Number(count)
}
