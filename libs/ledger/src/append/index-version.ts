import type { Pool } from 'pg'
import { emptyTables, OutboxNotEmpty } from './reset-index.js'
import { STATE_VERSIONS } from '../store/gate.js'
import { inTransaction, type Query } from '../store/postgres.js'

const ATTEMPTS = 5

/**
 * Whether another version has written the index: its states may have another form, and must be folded from the log again. An index
 * that holds nothing is of this version from here on, so that a fold that is interrupted goes on where it was.
 */
export async function isOutdated(query: Query, topic: string): Promise<boolean> {
  await query(
    `INSERT INTO ledger.gate (topic, open_since, open_for, state_versions)
     SELECT $1, now(), '-infinity', $2
     WHERE NOT EXISTS (SELECT FROM ledger.partition_log WHERE seq > 0) AND NOT EXISTS (SELECT FROM ledger.stream)
     ON CONFLICT (topic) DO UPDATE SET state_versions = excluded.state_versions`,
    [topic, STATE_VERSIONS],
  )
  // Nothing is decided any more on states of another version, by that version neither.
  const outdated = await query(
    `UPDATE ledger.gate SET open_for = '-infinity' WHERE state_versions IS DISTINCT FROM $1 RETURNING topic`,
    [STATE_VERSIONS],
  )
  return outdated.length > 0
}

/**
 * Empties an index that another version has written, once everything that it decided is in the log.
 *
 * @param append appends what is pending
 */
export async function emptyOutdated(pool: Pool, signal: AbortSignal, append: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    await append()
    try {
      await inTransaction(pool, async query => {
        await emptyTables(query, false, signal)
        await query('UPDATE ledger.gate SET state_versions = $1', [STATE_VERSIONS])
      })
      return
    } catch (error) {
      // Something was decided just before the gate was shut.
      if (!(error instanceof OutboxNotEmpty) || attempt === ATTEMPTS) throw error
    }
  }
}
