import pg from 'pg'
import { PARTITIONS } from '#libs/event-log'
import { LIVE_SCHEMA, searchPath } from '#libs/read-models'
import { openReadModels } from '../harness/system/read-models.js'
import { expectRows } from '../harness/app/rows.js'
import type { Servers } from '../harness/system/servers.js'
import { strip, type BareTables } from './bare-tables.js'
import { derivations, emptyTables, INFER_ROLLBACKS } from './derived-tables.js'
import { FILL_HISTORY, makeReleases, releasesOf } from './made-up-year.js'

/** The number of cores of the measured machine. */
const CONNECTIONS = 2
const environments = [['production'], ['staging'], ['dev']]
/** Releases per statement. */
const CHUNK = 250_000

// Settings of the connections that write; those that query have the server's.
const settings = [
  'synchronous_commit=off',
  'jit=off',
  'work_mem=512MB',
  'maintenance_work_mem=1GB',
  'max_parallel_workers_per_gather=0',
  'max_parallel_maintenance_workers=0',
]

/** A database with the generated year in the tables of deployments, without a log. */
export class FilledTables {
  private constructor(
    readonly databaseUrl: string,
    readonly rows: number,
    /** Seconds that it took. */
    readonly seconds: number,
    readonly bytes: number,
  ) {}

  /** Fills a new database by SQL. @param rows minimum number of deployments */
  static async create(servers: Servers, rows: number): Promise<FilledTables> {
    const started = performance.now()
    const databaseUrl = await emptyReadModels(servers)
    const releases = releasesOf(rows)
    const clients = await connect(databaseUrl)
    try {
      const [sql] = clients
      const tables = await strip(sql!)
      await sql!.query(makeReleases(releases))
      await atOnce(clients, chunksOf(releases), (client, [from, to]) =>
        client.query(FILL_HISTORY, [releases, from, to]),
      )
      await derive(clients, tables)
      await sql!.query(`DROP TABLE made_up_release; ${MOVE_POSITIONS}`)
      await atOnce(clients, tables.names, (client, table) => client.query(`VACUUM (ANALYZE) ${table}`))
      const { rows: counted } = await sql!.query<{ rows: number; bytes: string }>(COUNT)
      const [{ rows: found, bytes }] = counted as [{ rows: number; bytes: string }]
      expectRows('the filling', { history: found }, { history: releases * 4 })
      return new FilledTables(databaseUrl, found, (performance.now() - started) / 1000, Number(bytes))
    } finally {
      await Promise.all(clients.map(client => client.end()))
    }
  }
}

/** A database with empty tables of the read models. */
export async function emptyReadModels(servers: Servers): Promise<string> {
  const databaseUrl = await servers.createDatabase('answers')
  await (await openReadModels(databaseUrl)).close()
  return databaseUrl
}

function connect(databaseUrl: string): Promise<pg.Client[]> {
  const options = [searchPath(LIVE_SCHEMA), ...settings.map(setting => `-c ${setting}`)].join(' ')
  return Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      const client = new pg.Client({ connectionString: databaseUrl, options })
      await client.connect()
      return client
    }),
  )
}

// Inferred rollbacks are written to rows without indexes, and read by indexes afterwards.
async function derive(clients: pg.Client[], { names, indexesOf, keys }: BareTables): Promise<void> {
  const partitions = Array.from({ length: PARTITIONS }, (_, partition) => partition)
  const parts = clients.map((_, part) => partitions.filter(partition => partition % clients.length === part))
  await atOnce(clients, parts, (client, part) => client.query(INFER_ROLLBACKS, [part]))
  // Before there are indexes, which it would search for the rows that the marks have replaced.
  await clients[0]!.query('VACUUM (ANALYZE) deployment_history')
  await makeIndexes(clients, indexesOf.get('deployment_history')!)
  for (const { table, text, by } of derivations) {
    const work = by === 'partition' ? parts : environments
    await atOnce<unknown[]>(clients, work, (client, part) => client.query(text, [part]))
    await clients[0]!.query(`ANALYZE ${table}`)
  }
  const derived = [...derivations.map(({ table }) => table), ...emptyTables]
  const forgotten = names.filter(name => name !== 'deployment_history' && !derived.includes(name))
  if (forgotten.length > 0) throw new Error(`no statement fills ${forgotten.join(', ')}`)
  await makeIndexes(
    clients,
    derived.flatMap(table => indexesOf.get(table)!),
  )
  for (const key of keys) await clients[0]!.query(key)
}

function makeIndexes(clients: pg.Client[], statements: string[]): Promise<void> {
  return atOnce(clients, statements, (client, statement) => client.query(statement))
}

/** Each connection takes the next piece of work when it is idle. */
async function atOnce<Work>(
  clients: pg.Client[],
  all: readonly Work[],
  work: (client: pg.Client, one: Work) => Promise<unknown>,
): Promise<void> {
  const left = [...all]
  await Promise.all(
    clients.map(async client => {
      for (let next = left.shift(); next !== undefined; next = left.shift()) await work(client, next)
    }),
  )
}

function chunksOf(releases: number): [from: number, to: number][] {
  const starts = Array.from({ length: Math.ceil(releases / CHUNK) }, (_, chunk) => chunk * CHUNK)
  return starts.map(from => [from, Math.min(from + CHUNK, releases)])
}

const MOVE_POSITIONS = `
  UPDATE projection_position p SET seq = reached.seq, next_offset = reached.seq
  FROM (SELECT partition, max(last_seq) AS seq FROM deployment_history GROUP BY partition) reached
  WHERE p.partition = reached.partition`

const COUNT = `
  SELECT count(*)::int AS rows, pg_database_size(current_database()) AS bytes FROM deployment_history`
