import { statement, type Query } from '#libs/postgres'

// An advisory lock has two keys: its purpose and the topic.
const KEYS = `hashtext('shiplog appender'), hashtext($topic)`
const HELD = `locktype = 'advisory' AND granted AND objsubid = 2 AND (classid, objid) = (hashtext('shiplog appender')::oid, hashtext($topic)::oid)
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`

/** Takes the appender's lock of a topic for the life of the session; `false` if another session has it. */
export async function tryLock(query: Query, topic: string): Promise<boolean> {
  const [row] = await query<{ locked: boolean }>(
    statement('appender lock', `SELECT pg_try_advisory_lock(${KEYS}) AS locked`, { topic }),
  )
  return row?.locked ?? false
}

/** Ends the session that holds the lock, if any, so that the appender starts a new term. */
export async function endLockHolder(query: Query, topic: string): Promise<void> {
  await query(statement('end lock holder', `SELECT pg_terminate_backend(pid) FROM pg_locks WHERE ${HELD}`, { topic }))
}
