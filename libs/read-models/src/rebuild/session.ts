import pg from 'pg'
import { statement, type Query } from '#libs/postgres'
import { LIVE_SCHEMA, searchPath, type NEXT_SCHEMA, type OLD_SCHEMA } from '../sql/schema.js'
import { LOCK_TIMEOUT_MS } from './swap.js'

/** Another process is rebuilding or verifying. */
export class RebuildInProgress extends Error {
  override name = 'RebuildInProgress'

  constructor() {
    super('another rebuild or verification of this database is running: wait until it ends')
  }
}

/** Time for the server to notice that the process which held the lock has ended. */
const LOCK_PATIENCE_MS = 3000
const LOCK_NOT_AVAILABLE = '55P03'

/** A frozen rebuild that pauses the live read models loses its session after this time. */
const IDLE_MS = 30_000

/** Connects to the live read models, without a statement timeout, since hashing a large table takes long. */
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

/** Takes the rebuild lock for the life of the connection. Throws RebuildInProgress. */
export async function lockOrRefuse(client: pg.Client): Promise<void> {
  await client.query(`SET lock_timeout = ${LOCK_PATIENCE_MS}`)
  try {
    await client.query(`SELECT pg_advisory_lock(hashtext('shiplog rebuild'))`)
  } catch (error) {
    throw isLockTimeout(error) ? new RebuildInProgress() : error
  }
  await client.query('RESET lock_timeout')
}

/** Drops replaced tables, or the next version. Throws RebuildInProgress. */
export async function dropVersion(databaseUrl: string, schema: typeof OLD_SCHEMA | typeof NEXT_SCHEMA): Promise<void> {
  const client = await connect(databaseUrl, () => undefined)
  try {
    await lockOrRefuse(client)
    // It yields like a swap to statements that were planned on these tables and must be planned again.
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

/** The fingerprint of the code that has created a schema; `undefined` if there is none. */
export async function fingerprintOf(query: Query, schema: string): Promise<string | undefined> {
  const text = `SELECT obj_description(oid, 'pg_namespace') AS fingerprint FROM pg_namespace WHERE nspname = $schema`
  const [found] = await query<{ fingerprint: string | null }>(statement('fingerprint of a schema', text, { schema }))
  return found?.fingerprint ?? undefined
}

/** Creates missing positions in a schema: the start of each partition for which the live version has a position. */
export async function prepareNextPositions(query: Query, schema: string): Promise<void> {
  const text = `
    INSERT INTO ${schema}.projection_position (projection, partition, seq, next_offset)
    SELECT projection, partition, 0, 0 FROM projection_position ON CONFLICT DO NOTHING`
  await query(statement('prepare next positions', text))
}

/** Whether a lock timeout occurred. */
export function isLockTimeout(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === LOCK_NOT_AVAILABLE
}
