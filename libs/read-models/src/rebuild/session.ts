import pg from 'pg'
import type { Query } from '../sql/query.js'
import { LIVE_SCHEMA, searchPath, type NEXT_SCHEMA, type OLD_SCHEMA } from '../sql/schema.js'
import { LOCK_TIMEOUT_MS } from './swap.js'

/** Another process rebuilds or verifies. */
export class RebuildInProgress extends Error {
  override name = 'RebuildInProgress'

  constructor() {
    super('another rebuild or verification of this database is running: wait until it ends')
  }
}

/** The server needs a moment to see that the process which held the lock is gone. */
const LOCK_PATIENCE_MS = 3000
const LOCK_NOT_AVAILABLE = '55P03'

/** A rebuild that is frozen while the live read models wait for it loses its session, and they go on. */
const IDLE_MS = 30_000

/** Connects to the live read models; without a time-out, since the hash of a large table takes as long as it takes. */
export async function connect(databaseUrl: string, onLost: (error: Error) => void): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: databaseUrl,
    application_name: 'shiplog rebuild',
    connectionTimeoutMillis: 5000,
    keepAlive: true,
    options: `${searchPath(LIVE_SCHEMA)} -c jit=off -c idle_in_transaction_session_timeout=${IDLE_MS}`,
  })
  client.on('error', onLost)
  await client.connect()
  return client
}

/** Keeps others from rebuilding for as long as the connection lives. Throws RebuildUnderWay. */
export async function lockOrRefuse(client: pg.Client): Promise<void> {
  await client.query(`SET lock_timeout = ${LOCK_PATIENCE_MS}`)
  try {
    await client.query(`SELECT pg_advisory_lock(hashtext('shiplog rebuild'))`)
  } catch (error) {
    throw isLockTimeout(error) ? new RebuildInProgress() : error
  }
  await client.query('RESET lock_timeout')
}

/** Drops what swaps have replaced, or what was built. Throws RebuildUnderWay. */
export async function dropVersion(databaseUrl: string, schema: typeof OLD_SCHEMA | typeof NEXT_SCHEMA): Promise<void> {
  const client = await connect(databaseUrl, () => undefined)
  try {
    await lockOrRefuse(client)
    // It gives way as a swap does, to who has planned on these tables and only now sees that others are meant.
    await client.query(`SET lock_timeout = ${LOCK_TIMEOUT_MS}`)
    for (let dropped = false; !dropped;) dropped = await drops(client, schema)
  } finally {
    await client.end()
  }
}

async function drops(client: pg.Client, schema: string): Promise<boolean> {
  try {
    await client.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`)
    return true
  } catch (error) {
    if (isLockTimeout(error)) return false
    throw error
  }
}

/** Runs statements on one connection. */
export function queryOn(client: pg.Client): Query {
  return async <Row>(statement: Parameters<Query>[0]) => (await client.query(statement)).rows as Row[]
}

/** Whether a lock was waited for in vain. */
export function isLockTimeout(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === LOCK_NOT_AVAILABLE
}
