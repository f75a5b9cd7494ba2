import { setTimeout as pause } from 'node:timers/promises'
import type { EventLog } from '#libs/event-log'
import { queryOn, statement, type Query } from '#libs/postgres'
import type { Client } from 'pg'
import { endLockHolder } from './appender-lock.js'
import { logPositions } from '../store/command.js'
import { IncompleteLog, refuseShorterLog } from './incomplete-log.js'
import { ledgerClient } from '../store/postgres.js'

/** Decisions in the outbox are not in the log yet, and resetting the index would lose them. Nothing was changed. */
export class OutboxNotEmpty extends Error {
  override name = 'OutboxNotEmpty'

  constructor(readonly events: number) {
    super(
      `${events} decided events are not in the log yet, and resetting the index would lose them: start an app that can append them, ` +
        'or use --discard-pending to lose them',
    )
  }
}

export interface ResetIndexOptions {
  databaseUrl: string
  log: EventLog
  /** Loses decisions that are not in the log yet; none of them was answered as appended. */
  discardPending?: boolean
  /** How long earlier decisions may take to be appended. */
  patienceMs?: number
  signal?: AbortSignal
}

const ATTEMPTS = 5
const LOCK_TIMEOUT_MS = 3000
const PATIENCE_MS = 30_000
/** The last decisions are a batch or two; no commands are decided while they are appended. */
const DRAIN_MS = 5000
const POLL_MS = 20

/**
 * Resets the index while replicas run: all tables except the name of the topic, in one transaction. Decisions wait for it, and are
 * refused afterwards until a replica has replayed the log into the index. Throws OutboxNotEmpty, IncompleteLog, and the
 * signal's reason if it aborts before that transaction is committed.
 */
export async function resetIndex(options: ResetIndexOptions): Promise<void> {
  const client = ledgerClient(options.databaseUrl, 'rebuild index')
  // The interrupted query rejects.
  client.on('error', () => undefined)
  await client.connect()
  try {
    const query = queryOn(client)
    await refuseUnlessComplete(query, options.log)
    await untilOlderAreAppended(query, options)
    for (let attempt = 1; ; attempt++) {
      try {
        return await attemptToEmpty(client, options)
      } catch (error) {
        await client.query('ROLLBACK').catch(() => undefined)
        if (attempt === ATTEMPTS || !isLockConflict(error)) throw error
      }
    }
  } finally {
    await client.end()
  }
}

async function refuseUnlessComplete(query: Query, log: EventLog): Promise<void> {
  // The index is read first, so that its positions are before the ends, which are read afterwards.
  const known = await logPositions(query)
  const [starts, ends] = [await log.startOffsets(), await log.endOffsets()]
  for (const { partition, seq, offset } of known) {
    const start = starts.get(partition) ?? 0
    if (seq > 0 && start > 0) {
      throw new IncompleteLog(
        `partition ${partition} starts at offset ${start}: its first events are missing, restore the log`,
      )
    }
    refuseShorterLog(partition, ends.get(partition) ?? 0, offset)
  }
}

/** Waits until all decisions so far are appended, while commands are still decided: a term may have to start first. */
export async function untilOlderAreAppended(
  query: Query,
  options: Pick<ResetIndexOptions, 'discardPending' | 'patienceMs' | 'signal'>,
): Promise<void> {
  const { discardPending, patienceMs = PATIENCE_MS } = options
  if (discardPending) return
  const [last] = await query<{ ordinal: string }>(
    statement('last ordinal', 'SELECT coalesce(max(ordinal), 0) AS ordinal FROM ledger.outbox'),
  )
  await untilAppended(query, last!.ordinal, patienceMs, options.signal)
}

async function attemptToEmpty(client: Client, { log, discardPending, signal }: ResetIndexOptions): Promise<void> {
  const query = queryOn(client)
  await client.query(`BEGIN; SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}`)
  await emptyTables(query, discardPending, signal)
  // The appender would not notice the reset: without its lock it starts a new term from the committed index. Ending its session also
  // cancels what it was about to do, such as opening the gate.
  await endLockHolder(query, log.topic)
  await client.query('COMMIT')
}

/**
 * Empties the tables and closes the gate in the caller's transaction. Throws OutboxNotEmpty if a decision is not appended within
 * five seconds, and the signal's reason.
 */
export async function emptyTables(query: Query, discardPending = false, signal?: AbortSignal): Promise<void> {
  // Every decision starts by locking this table: current ones end first, the next ones wait without other locks.
  await query(statement('lock streams', 'LOCK TABLE ledger.stream IN EXCLUSIVE MODE'))
  if (!discardPending) await untilAppended(query, LAST, DRAIN_MS, signal)
  signal?.throwIfAborted()
  await query(
    statement(
      'empty the index',
      `
    LOCK TABLE ledger.stream_index, ledger.command, ledger.outbox, ledger.partition_log, ledger.gate IN ACCESS EXCLUSIVE MODE;
    TRUNCATE ledger.stream, ledger.stream_index, ledger.command, ledger.outbox;
    UPDATE ledger.partition_log SET seq = 0, next_offset = 0, hash = repeat('0', 64), updated_at = now();
    UPDATE ledger.gate SET open_for = '-infinity'`,
    ),
  )
}

/** Greater than any `ordinal`. */
const LAST = '9223372036854775807'

async function untilAppended(query: Query, ordinal: string, patienceMs: number, signal?: AbortSignal): Promise<void> {
  for (const since = performance.now(); ; await pause(POLL_MS)) {
    signal?.throwIfAborted()
    const [pending] = await query<{ events: number }>(
      statement(
        'events up to an ordinal',
        `SELECT count(*)::int AS events FROM ledger.outbox WHERE ordinal <= $ordinal`,
        { ordinal },
      ),
    )
    if (pending!.events === 0) return
    if (performance.now() - since > patienceMs) throw new OutboxNotEmpty(pending!.events)
  }
}

/** lock_not_available, deadlock_detected: another session holds one of the tables for long, or waits for another one. */
function isLockConflict(error: unknown): boolean {
  const { code } = error as { code?: string }
  return code === '55P03' || code === '40P01'
}
