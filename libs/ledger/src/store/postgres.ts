import { queryOn, type Query } from '#libs/postgres'
import { Client, Pool, type ClientConfig } from 'pg'
import { DataSource } from 'typeorm'
import {
  AnnounceEntries1763700000001,
  CreateLedger1763700000000,
  StateVersions1763700000023,
} from './migrations/create-ledger.js'
import { StandardNames1764700000000 } from './migrations/standard-names.js'

/** Postgres is not available, or the index is behind the log: the same request may succeed later. */
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

/** Wraps connection errors, which are temporary; other errors are defects and returned unchanged. */
export function asUnavailable(error: unknown): Error {
  if (error instanceof LedgerUnavailable) return error
  const code = (error as { code?: string }).code ?? ''
  const isDefect = error instanceof TypeError || error instanceof RangeError || /^(22|23|42)/.test(code)
  return isDefect ? (error as Error) : new LedgerUnavailable('Postgres cannot be reached', 2, { cause: error })
}

// A frozen server sends no error, so timeouts on this side end the wait.
function connection(databaseUrl: string, name: string): ClientConfig {
  return {
    connectionString: databaseUrl,
    application_name: `shiplog ${name}`,
    connectionTimeoutMillis: 5000,
    query_timeout: 15_000,
    // The server's timeout is shorter: a statement that only the client gave up on would continue and keep its locks.
    statement_timeout: 14_000,
    // A frozen process keeps its connections and locks, so the server ends its open transactions.
    idle_in_transaction_session_timeout: 10_000,
    keepAlive: true,
  }
}

/** Connections of the ledger. */
export function ledgerPool(databaseUrl: string, onError: (error: Error) => void): Pool {
  const pool = new Pool({ ...connection(databaseUrl, 'ledger'), max: 6, pipeline: true })
  pool.on('error', onError)
  return pool
}

/**
 * A separate connection for features of a session: advisory locks, LISTEN.
 *
 * @param idleMs the server ends the session after this idle time; 0: never
 */
export function ledgerClient(databaseUrl: string, name: string, idleMs = 0): Client {
  return new Client({ ...connection(databaseUrl, name), options: `-c idle_session_timeout=${idleMs}` })
}

/**
 * Runs work in one transaction: commits when it resolves, else rolls back and rethrows. Its first query is sent
 * together with `begin`, which saves a round trip.
 */
export async function inTransaction<T>(pool: Pool, work: (query: Query) => Promise<T>, begin = 'BEGIN'): Promise<T> {
  const client = await pool.connect()
  let broken: Error | undefined
  // Without a listener, a connection that breaks between two queries would end the process.
  const onError = (error: Error) => (broken = error)
  client.on('error', onError)
  try {
    const begun = client.query(begin)
    begun.catch(onError)
    const ask = queryOn(client)
    // Results count only once the transaction has begun.
    const result = await work(async wanted => (await Promise.all([ask(wanted), begun]))[0] as never)
    await begun
    await client.query('COMMIT')
    return result
  } catch (error) {
    // A connection that cannot roll back is not reused.
    await client.query('ROLLBACK').catch((failure: Error) => (broken = failure))
    throw error
  } finally {
    client.off('error', onError)
    client.release(broken)
  }
}

/** Migrates the schema `ledger`. If several replicas start at once, one migrates and the others wait. */
export async function migrateLedger(databaseUrl: string): Promise<void> {
  const dataSource = new DataSource({
    type: 'postgres',
    url: databaseUrl,
    // The list of migrations is stored in the schema, so that it is dropped with it.
    schema: 'ledger',
    migrations: [
      CreateLedger1763700000000,
      AnnounceEntries1763700000001,
      StateVersions1763700000023,
      StandardNames1764700000000,
    ],
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
