import { setTimeout as pause } from 'node:timers/promises'
import type { EventLog } from '#libs/event-log'
import { endLockHolder } from './appender-lock.js'
import { logPositions } from '../store/command.js'
import { IncompleteLog, refuseShorterLog } from './incomplete-log.js'
import { ledgerClient, queryOn, type Query } from '../store/postgres.js'

/** Decisions wait to be appended, and stand in the index alone: who empties it would lose them. Nothing was changed. */
export class OutboxNotEmpty extends Error {
  override name = 'PendingAppends'

  constructor(readonly events: number) {
    super(
      `what was decided is not all in the log yet, and stands in the index alone (${events} of its events): appending must be ` +
        'possible first; --discard-pending loses it',
    )
  }
}

export interface ResetIndexOptions {
  databaseUrl: string
  log: EventLog
  /** Loses decisions that are not in the log yet; nobody was answered that they are. */
  discardPending?: boolean
  /** How long what was decided before may take to be appended. */
  patienceMs?: number
  signal?: AbortSignal
}

const ATTEMPTS = 5
const LOCK_TIMEOUT_MS = 3000
const PATIENCE_MS = 30_000
/** What is decided until the last moment is a batch or two, and nothing is decided while they are appended. */
const DRAIN_MS = 5000
const POLL_MS = 20

/**
 * Empties the index while replicas go on: all of it but the name of its topic, in one transaction. Decisions wait for it, and from
 * then on they are refused until one of the replicas has folded the log into the index again. Throws PendingAppends, LogNotWhole, and the
 * signal's reason when it aborts before that transaction is committed.
 */
export async function resetIndex(options: ResetIndexOptions): Promise<void> {
  const client = ledgerClient(options.databaseUrl, 'rebuild index')
  // The query that it breaks rejects.
  client.on('error', () => undefined)
  await client.connect()
  try {
    const query = queryOn(client)
    await refuseUnlessComplete(query, options.log)
    await untilOlderAreAppended(query, options)
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

async function refuseUnlessComplete(query: Query, log: EventLog): Promise<void> {
  // First what the index has read: whatever that is stands before the ends that are asked for behind it.
  const known = await logPositions(query)
  const [starts, ends] = [await log.startOffsets(), await log.endOffsets()]
  for (const { partition, seq, offset } of known) {
    const start = starts.get(partition) ?? 0
    if (seq > 0 && start > 0) {
      throw new IncompleteLog(`partition ${partition} begins at offset ${start}: its first events are gone`)
    }
    refuseShorterLog(partition, ends.get(partition) ?? 0, offset)
  }
}

/** Waits for what was decided until now, while others go on deciding: a term may have to begin for it. */
async function untilOlderAreAppended(query: Query, options: ResetIndexOptions): Promise<void> {
  const { discardPending, patienceMs = PATIENCE_MS } = options
  if (discardPending) return
  const [last] = await query<{ ordinal: string }>(
    `SELECT coalesce(max(ordinal), 0) AS ordinal FROM ledger.pending_append`,
  )
  await untilAppended(query, last!.ordinal, patienceMs, options.signal)
}

async function attemptToEmpty(query: Query, { log, discardPending, signal }: ResetIndexOptions): Promise<void> {
  await query(`BEGIN; SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}`)
  await emptyTables(query, discardPending, signal)
  // Whoever appends would not look back: without its lock it begins anew, with what the index has once this is committed. What that
  // session was about to do, opening the gate above all, ends with it.
  await endLockHolder(query, log.topic)
  await query('COMMIT')
}

/**
 * Empties the tables and shuts the gate, inside the caller's transaction. Throws PendingAppends where a decision is not appended within
 * five seconds, and the signal's reason.
 */
export async function emptyTables(query: Query, discardPending = false, signal?: AbortSignal): Promise<void> {
  // Every decision begins by locking it: those under way end first, and the next ones wait and hold nothing.
  await query('LOCK TABLE ledger.stream IN EXCLUSIVE MODE')
  if (!discardPending) await untilAppended(query, LAST, DRAIN_MS, signal)
  signal?.throwIfAborted()
  await query(`
    LOCK TABLE ledger.stream_index, ledger.command, ledger.pending_append, ledger.partition_log, ledger.gate IN ACCESS EXCLUSIVE MODE;
    TRUNCATE ledger.stream, ledger.stream_index, ledger.command, ledger.pending_append;
    UPDATE ledger.partition_log SET seq = 0, next_offset = 0, hash = repeat('0', 64), updated_at = now();
    UPDATE ledger.gate SET open_for = '-infinity'`)
}

/** Greater than any `ordinal`. */
const LAST = '9223372036854775807'

async function untilAppended(query: Query, ordinal: string, patienceMs: number, signal?: AbortSignal): Promise<void> {
  for (const since = performance.now(); ; await pause(POLL_MS)) {
    signal?.throwIfAborted()
    const [pending] = await query<{ events: number }>(
      `SELECT count(*)::int AS events FROM ledger.pending_append WHERE ordinal <= $1`,
      [ordinal],
    )
    if (pending!.events === 0) return
    if (performance.now() - since > patienceMs) throw new OutboxNotEmpty(pending!.events)
  }
}

/** lock_not_available, deadlock_detected: somebody who holds one of the tables for long, or waits for another. */
function isLockConflict(error: unknown): boolean {
  const { code } = error as { code?: string }
  return code === '55P03' || code === '40P01'
}
