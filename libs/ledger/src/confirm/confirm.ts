import { countOf, ledgerSeqHeader, previousHashHeader, type Positions } from '#libs/contracts'
import { hashRecord, type LogRecord, type Tail } from '#libs/event-log'
import { failpoint } from '#libs/failpoint'
import { statement, type Query } from '#libs/postgres'
import type { Pool } from 'pg'
import { positionsOf } from '../store/command.js'
import { CONFIRMED_CHANNEL } from './confirmations.js'
import { inTransaction } from '../store/postgres.js'
import { replay } from './replay.js'

/** The log contains a record that the appender did not write, or lacks one that it wrote. */
class BrokenLog extends Error {
  override name = 'BrokenLog'
}

/** The end of a partition, as the index has read it. */
export interface PartitionTail extends Tail {
  nextOffset: number
}

/** The records of one partition that were read back. */
export interface ReadBack {
  partition: number
  from: PartitionTail
  to: PartitionTail
  records: LogRecord[]
}

/**
 * Verifies new records of a partition after its tail. Skips records that were read before. Throws BrokenLog if a
 * number is missing, the hash chain is broken, or a record has a form that the ledger does not write.
 */
export function walk(partition: number, from: PartitionTail, records: LogRecord[], nextOffset: number): ReadBack {
  const fresh: LogRecord[] = []
  let tail: Tail = from
  for (const record of records) {
    if (record.offset < from.nextOffset) continue
    const where = `partition ${partition}, offset ${record.offset}`
    if (record.flaw !== undefined) throw new BrokenLog(`${where}: ${record.flaw}`)
    const seq = countOf(header(record, ledgerSeqHeader))
    if (seq === undefined) throw new BrokenLog(`${where}: header ${ledgerSeqHeader} is not a count from 1`)
    if (seq <= tail.seq) continue
    if (seq !== tail.seq + 1) throw new BrokenLog(`${where}: event ${tail.seq + 1} is missing, ${seq} follows`)
    if (header(record, previousHashHeader) !== tail.hash) {
      throw new BrokenLog(`${where}: event ${seq} does not continue the hash chain`)
    }
    tail = { seq, hash: hashRecord(record) }
    fresh.push(record)
  }
  return { partition, from, to: { ...tail, nextOffset: Math.max(nextOffset, from.nextOffset) }, records: fresh }
}

/** A command with all its events in the log. */
export interface ConfirmedCommand {
  commandId: string
  positions: Positions
}

const CONFIRM = `
  WITH tails AS (
    SELECT * FROM json_to_recordset($tails) AS t(partition smallint, from_seq bigint, seq bigint, next_offset bigint, hash text)
  ), seen AS (
    SELECT * FROM json_to_recordset($seen) AS s(event_id uuid, command_id uuid, partition smallint, seq bigint)
  ), moved AS (
    UPDATE ledger.partition_log AS l
    SET seq = t.seq, next_offset = t.next_offset, hash = t.hash, updated_at = now()
    FROM tails AS t WHERE l.partition = t.partition AND l.seq = t.from_seq
    RETURNING 1
  ), gone AS (
    DELETE FROM ledger.outbox AS p USING seen AS s WHERE p.event_id = s.event_id
    RETURNING s.event_id, s.command_id, s.partition, s.seq
  ), done AS (
    UPDATE ledger.command AS c
    SET confirmed = c.confirmed + g.events, positions = c.positions || g.positions
    FROM (SELECT command_id, sum(events)::int AS events, jsonb_object_agg(partition, seq) AS positions
          FROM (SELECT command_id, partition, count(*) AS events, max(seq) AS seq
                FROM gone GROUP BY command_id, partition) AS by_partition
          GROUP BY command_id) AS g
    WHERE c.command_id = g.command_id
    RETURNING c.command_id, c.positions, c.confirmed >= c.events AS complete
  )
  SELECT (SELECT count(*) FROM moved)::int AS moved,
         (SELECT array_agg(event_id) FROM gone) AS gone,
         (SELECT count(pg_notify('${CONFIRMED_CHANNEL}', '')) FROM (SELECT FROM done LIMIT 1) AS any_done) AS notified,
         (SELECT json_agg(json_build_object('commandId', command_id, 'positions', positions)) FROM done WHERE complete) AS done`

interface Confirmed {
  moved: number
  gone: string[] | null
  done: { commandId: string; positions: Record<string, number> }[] | null
}

/**
 * Confirms events that were read back, in one transaction: advances the ends of the partitions by compare-and-set, deletes
 * outbox rows, updates commands, and replays events that the index does not have (it was dropped, or
 * restored from an older copy). `undefined` if another appender moved the ends.
 *
 * The commit is asynchronous: confirmations lost in a crash of Postgres are repeated by reading the log again.
 */
export async function confirm(pool: Pool, readBack: ReadBack[]): Promise<ConfirmedCommand[] | undefined> {
  const result = await inTransaction(pool, query => confirmIn(query, readBack), BEGIN).catch(error => {
    if (error instanceof TailMoved) return undefined
    throw error
  })
  return result?.map(({ commandId, positions }) => ({ commandId, positions: positionsOf(positions) }))
}

// planner: the plan is made once per connection, mostly while the outbox is empty. A join that reads the whole table is best then, but
// later every confirmation would read all rows that died since the last vacuum. These settings force lookups by key.
const BEGIN = `BEGIN; SET LOCAL synchronous_commit = off; SET LOCAL enable_seqscan = off;
  SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off`

class TailMoved extends Error {}

/** The same in the caller's transaction. */
export async function confirmIn(query: Query, readBack: ReadBack[]): Promise<NonNullable<Confirmed['done']>> {
  const tails = readBack.map(({ partition, from, to }) => ({
    partition,
    from_seq: from.seq,
    seq: to.seq,
    next_offset: to.nextOffset,
    hash: to.hash,
  }))
  const seen = readBack.flatMap(({ partition, records }) =>
    records.map(record => ({
      event_id: header(record, 'ce_id'),
      command_id: header(record, 'ce_causationid'),
      partition,
      seq: Number(header(record, ledgerSeqHeader)),
    })),
  )
  const [confirmed] = await query<Confirmed>(
    statement('confirm', CONFIRM, { tails: JSON.stringify(tails), seen: JSON.stringify(seen) }, { plan: 'once' }),
  )
  if (confirmed?.moved !== tails.length) throw new TailMoved()
  const gone = new Set(confirmed.gone)
  if (gone.size < seen.length) {
    const unknown = readBack.flatMap(({ records }) => records).filter(record => !gone.has(header(record, 'ce_id')))
    await replay(query, unknown)
  }
  failpoint('confirm-in-transaction')
  const done = confirmed.done ?? []
  return done
}

function header(record: LogRecord, name: string): string {
  const value = record.headers[name]
  if (value === undefined) {
    throw new BrokenLog(`partition ${record.partition}, offset ${record.offset}: header ${name} is missing`)
  }
  return value.toString('utf8')
}
