import { Client, Pool, type ClientConfig, type PoolClient } from 'pg'
import { DataSource } from 'typeorm'
import { AnnounceEntries1763700000001, CreateLedger1763700000000, StateVersions1763700000023 } from './tables.js'

/** Something that answers SQL with rows. A statement with a name is planned once a connection. */
export type Query = <Row = Record<string, unknown>>(
  sql: string,
  parameters?: unknown[],
  name?: string,
) => Promise<Row[]>

/** Postgres cannot be asked, or what it knows is not up to date: the same request may succeed later. */
export class LedgerUnavailable extends Error {
  override name = 'LedgerUnavailable'
  constructor(
    message: string,
    readonly retryAfterSeconds = 2,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}

/** Faults of the connection are temporary; anything else is a defect, and stays what it is. */
export function asUnavailable(error: unknown): Error {
  if (error instanceof LedgerUnavailable) return error
  const code = (error as { code?: string }).code ?? ''
  const isDefect = error instanceof TypeError || error instanceof RangeError || /^(22|23|42)/.test(code)
  return isDefect ? (error as Error) : new LedgerUnavailable('Postgres cannot be reached', 2, { cause: error })
}

// A frozen server sends no error: only time-outs on this side end a wait for it.
function connection(databaseUrl: string, name: string): ClientConfig {
  return {
    connectionString: databaseUrl,
    application_name: `shiplog ${name}`,
    connectionTimeoutMillis: 5000,
    query_timeout: 15_000,
    // The server gives up first where it can: a statement that only this side has given up on goes on, and keeps its locks.
    statement_timeout: 14_000,
    // A frozen process keeps its connections, and with them its locks: the server ends what it left open.
    idle_in_transaction_session_timeout: 10_000,
    keepAlive: true,
  }
}

/** Connections of the write side. */
export function ledgerPool(databaseUrl: string, onError: (error: Error) => void): Pool {
  const pool = new Pool({ ...connection(databaseUrl, 'ledger'), max: 6, pipeline: true })
  pool.on('error', onError)
  return pool
}

/**
 * A connection of its own, for what belongs to a session: advisory locks, LISTEN.
 *
 * @param idleMs the server ends the session when nothing was asked for so long; for ever where left out
 */
export function ledgerClient(databaseUrl: string, name: string, idleMs = 0): Client {
  return new Client({ ...connection(databaseUrl, name), options: `-c idle_session_timeout=${idleMs}` })
}

/** Query on a pool's connection. */
export function queryOn(client: Pick<PoolClient, 'query'>): Query {
  return async (text, values, name) =>
    (await client.query(name === undefined ? { text, values } : { name, text, values })).rows
}

/**
 * Runs work in one transaction: commits when it resolves, else rolls back and lets its error through. Its first query goes out
 * together with `begin`, which saves a round trip.
 */
export async function inTransaction<T>(pool: Pool, work: (query: Query) => Promise<T>, begin = 'BEGIN'): Promise<T> {
  const client = await pool.connect()
  let broken: Error | undefined
  // Without a listener, a connection that dies between two queries would end the process.
  const onError = (error: Error) => (broken = error)
  client.on('error', onError)
  try {
    const begun = client.query(begin)
    begun.catch(onError)
    const ask = queryOn(client)
    // Nothing is taken for an answer before the transaction is known to have begun.
    const result = await work(async (...question) => (await Promise.all([ask(...question), begun]))[0] as never)
    await begun
    await client.query('COMMIT')
    return result
  } catch (error) {
    // What cannot be rolled back is not used again.
    await client.query('ROLLBACK').catch((failure: Error) => (broken = failure))
    throw error
  } finally {
    client.off('error', onError)
    client.release(broken)
  }
}

/** Brings the schema `ledger` up to date. Several replicas may start at once: one migrates, the others wait. */
export async function migrateLedger(databaseUrl: string): Promise<void> {
  const dataSource = new DataSource({
    type: 'postgres',
    url: databaseUrl,
    // What was done to the schema stands in it: who drops the one drops the other.
    schema: 'ledger',
    migrations: [CreateLedger1763700000000, AnnounceEntries1763700000001, StateVersions1763700000023],
    migrationsTableName: 'migration',
  })
  await dataSource.initialize()
  try {
    const runner = dataSource.createQueryRunner()
    try {
      await runner.query(`SELECT pg_advisory_lock(hashtext('shiplog migrations'))`)
      await runner.query(`CREATE SCHEMA IF NOT EXISTS ledger`)
      await dataSource.runMigrations({ transaction: 'each' })
      await runner.query(`SELECT pg_advisory_unlock(hashtext('shiplog migrations'))`)
    } finally {
      await runner.release()
    }
  } finally {
    await dataSource.destroy()
  }
}
