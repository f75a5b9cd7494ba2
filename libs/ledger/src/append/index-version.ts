import { statement, type Query } from '#libs/postgres'
import type { Pool } from 'pg'
import { emptyTables, OutboxNotEmpty } from './reset-index.js'
import { OWN_VERSIONS } from '../store/gate.js'
import { inTransaction } from '../store/postgres.js'

const ATTEMPTS = 5

/**
 * Whether another version wrote the index: its states may have another form, and must be replayed from the log. An empty
 * index is marked with this version, so that an interrupted replay continues.
 */
export async function isOutdated(query: Query, topic: string): Promise<boolean> {
  await query(
    statement(
      'mark an empty index',
      `INSERT INTO ledger.gate (topic, open_since, open_for, state_versions)
     SELECT $topic, now(), '-infinity', $state_versions
     WHERE NOT EXISTS (SELECT FROM ledger.partition_log WHERE seq > 0) AND NOT EXISTS (SELECT FROM ledger.stream)
     ON CONFLICT (topic) DO UPDATE SET state_versions = excluded.state_versions`,
      { topic, ...OWN_VERSIONS },
    ),
  )
  // Closes the gate, so that no version decides on states of another version.
  const outdated = await query(
    statement(
      'close the gate of another version',
      `UPDATE ledger.gate SET open_for = '-infinity' WHERE state_versions IS DISTINCT FROM $state_versions RETURNING topic`,
      OWN_VERSIONS,
    ),
  )
  return outdated.length > 0
}

/**
 * Resets an index that another version wrote, once all its decisions are in the log.
 *
 * @param append appends the outbox
 */
export async function emptyOutdated(pool: Pool, signal: AbortSignal, append: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    await append()
    try {
      await inTransaction(pool, async query => {
        await emptyTables(query, false, signal)
        await markIndex(query)
      })
      return
    } catch (error) {
      // A decision was committed just before the gate was closed.
      if (!(error instanceof OutboxNotEmpty) || attempt === ATTEMPTS) throw error
    }
  }
}

/** Stores that the index has the states of this version. */
export async function markIndex(query: Query): Promise<void> {
  await query(statement('mark the index', 'UPDATE ledger.gate SET state_versions = $state_versions', OWN_VERSIONS))
}
