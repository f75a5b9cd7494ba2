import type { Client } from 'pg'
import type { Query } from '../store/postgres.js'

// An advisory lock has two keys: its purpose and the topic.
const KEYS = `hashtext('shiplog appender'), hashtext($1)`
const HELD = `locktype = 'advisory' AND granted AND objsubid = 2 AND (classid, objid) = (hashtext('shiplog appender')::oid, hashtext($1)::oid)
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`

/** Takes the appender's lock of a topic for the life of the session; `false` if another session has it. */
export async function tryLock(client: Client, topic: string): Promise<boolean> {
  const { rows } = await client.query<{ locked: boolean }>(`SELECT pg_try_advisory_lock(${KEYS}) AS locked`, [topic])
  return rows[0]?.locked ?? false
}

/** Ends the session that holds the lock, if any, so that the appender starts a new term. */
export async function endLockHolder(query: Query, topic: string): Promise<void> {
  await query(`SELECT pg_terminate_backend(pid) FROM pg_locks WHERE ${HELD}`, [topic])
}
