import type { Client } from 'pg'
import type { Query } from '../store/postgres.js'

// Two keys, as advisory locks have them: what it is for, and of which topic.
const KEYS = `hashtext('shiplog appender'), hashtext($1)`
const HELD = `locktype = 'advisory' AND granted AND objsubid = 2 AND (classid, objid) = (hashtext('shiplog appender')::oid, hashtext($1)::oid)
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`

/** Takes the lock of who appends to a topic, for as long as the session lives; `false` where another session has it. */
export async function tryLock(client: Client, topic: string): Promise<boolean> {
  const { rows } = await client.query<{ locked: boolean }>(`SELECT pg_try_advisory_lock(${KEYS}) AS locked`, [topic])
  return rows[0]?.locked ?? false
}

/** Ends the session that holds it, where there is one: whoever appends begins anew. */
export async function endLockHolder(query: Query, topic: string): Promise<void> {
  await query(`SELECT pg_terminate_backend(pid) FROM pg_locks WHERE ${HELD}`, [topic])
}
