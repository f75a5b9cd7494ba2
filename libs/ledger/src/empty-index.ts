import { setTimeout as pause } from 'node:timers/promises'
import { ledgerClient, queryOn, type Query } from './postgres.js'

/** Decisions wait to be appended, and stand in the index alone: who empties it would lose them. Nothing was changed. */
export class PendingAppends extends Error {
  override name = 'PendingAppends'

  constructor(readonly events: number) {
    super(
      `${events} decided events are not in the log yet, and stand in the index alone: appending must be possible first`,
    )
  }
}

export interface EmptyIndexOptions {
  databaseUrl: string
  topic: string
  /** Loses decisions that are not in the log yet; nobody was answered that they are. */
  discardPending?: boolean
}

const ATTEMPTS = 5
const LOCK_TIMEOUT_MS = 3000
/** What was decided before is appended without others' decisions meanwhile, which is a batch or two. */
const DRAIN_MS = 5000
const POLL_MS = 20

/**
 * Empties the index while replicas go on: all of it but the name of its topic, in one transaction. Decisions wait for it, and from then on they are
 * refused until one of the replicas has folded the log into the index again. Throws PendingAppends.
 */
export async function emptyIndex(options: EmptyIndexOptions): Promise<void> {
  const client = ledgerClient(options.databaseUrl, 'rebuild index')
  // The query that it breaks rejects.
  client.on('error', () => undefined)
  await client.connect()
  try {
    const query = queryOn(client)
    for (let attempt = 1; ; attempt++) {
      try {
        return await attemptToEmpty(query, options)
      } catch (error) {
        await query('ROLLBACK').catch(() => undefined)
        if (attempt === ATTEMPTS || !isLockConflict(error)) throw error
      }
    }
  } finally {
    await client.end()
  }
}

async function attemptToEmpty(query: Query, { topic, discardPending = false }: EmptyIndexOptions): Promise<void> {
  await query(`BEGIN; SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}`)
  // Every decision locks streams: those under way end first, and the next ones wait.
  await query('LOCK TABLE ledger.stream IN EXCLUSIVE MODE')
  if (!discardPending) await untilAppended(query)
  await query(`
    LOCK TABLE ledger.stream_index, ledger.command, ledger.pending_append, ledger.partition_log, ledger.gate IN ACCESS EXCLUSIVE MODE;
    TRUNCATE ledger.stream, ledger.stream_index, ledger.command, ledger.pending_append;
    UPDATE ledger.partition_log SET seq = 0, next_offset = 0, hash = repeat('0', 64), updated_at = now();
    UPDATE ledger.gate SET open_for = '-infinity'`)
  // Whoever appends would not look back: without its lock it begins anew, with what the index has once this is committed.
  await query(
    `SELECT pg_terminate_backend(pid) FROM pg_locks
     WHERE locktype = 'advisory' AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
       AND classid = hashtext('shiplog appender')::oid AND objid = hashtext($1)::oid`,
    [topic],
  )
  await query('COMMIT')
}

async function untilAppended(query: Query): Promise<void> {
  for (const since = performance.now(); ; await pause(POLL_MS)) {
    const [pending] = await query<{ events: number }>(`SELECT count(*)::int AS events FROM ledger.pending_append`)
    if (pending!.events === 0) return
    if (performance.now() - since > DRAIN_MS) throw new PendingAppends(pending!.events)
  }
}

/** lock_not_available, deadlock_detected: a decision that holds some of the tables waits for the others. */
function isLockConflict(error: unknown): boolean {
  const { code } = error as { code?: string }
  return code === '55P03' || code === '40P01'
}
