import { statement, type Query } from '#libs/postgres'
import { streamStates } from './notify.js'
import type { CommandRow } from './command.js'
import { CATCHING_UP, GATE_IS_OPEN, OWN_VERSIONS } from './gate.js'
import type { LoadedIndex, StreamRow, Writes } from './index-rows.js'
import { LedgerUnavailable } from './postgres.js'

/** Another transaction was first to write the same stream or command: decide again. */
export class ConcurrencyConflict extends Error {
  override name = 'ConcurrencyConflict'
}

/**
 * Loads and locks the rows that a group of commands needs. It does not wait for streams that another transaction holds, so that a
 * command on one stream never delays those on others. Throws LedgerUnavailable while the gate is closed.
 *
 * @param basisIds streams of which only the version is needed, and must not change
 * @param readIds streams whose state is read without a lock
 */
export async function loadAndLock(
  query: Query,
  streamIds: string[],
  commandIds: string[],
  basisIds: string[] = [],
  readIds: string[] = [],
): Promise<LoadedIndex> {
  const [row] = await query<{
    open: boolean | null
    commands: CommandRow[] | null
    locked: StreamRow[] | null
    basis: { stream_id: string; version: number }[] | null
    present: string[] | null
  }>(
    statement(
      'load and lock',
      LOAD_AND_LOCK,
      { stream_ids: streamIds, command_ids: commandIds, basis_ids: basisIds, ...OWN_VERSIONS },
      { plan: 'once' },
    ),
  )
  // protects: no-gate
  if (!row?.open) throw new LedgerUnavailable(CATCHING_UP)
  const streams = new Map((row.locked ?? []).map(stream => [stream.stream_id, stream]))
  const basis = new Map((row.basis ?? []).map(({ stream_id, version }) => [stream_id, version]))
  return {
    commands: new Map((row.commands ?? []).map(command => [command.command_id, command])),
    streams,
    basis,
    busy: new Set((row.present ?? []).filter(id => !streams.has(id) && !basis.has(id))),
    read: readIds.length > 0 ? await streamStates(query, readIds) : new Map(),
  }
}

/** SQL: RFC 3339 in UTC, with milliseconds only if they are not zero. */
export function instantText(column: string): string {
  return `replace(to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), '.000Z', 'Z')`
}

const LOAD_AND_LOCK = `
  SELECT ${GATE_IS_OPEN} AS open,
    (SELECT json_agg(c) FROM ledger.command AS c WHERE command_id = ANY ($command_ids)) AS commands,
    (SELECT array_agg(stream_id) FROM ledger.stream WHERE stream_id = ANY ($stream_ids::text[] || $basis_ids::text[])) AS present,
    (SELECT json_agg(b) FROM (
       SELECT stream_id, version FROM ledger.stream
       WHERE stream_id = ANY ($basis_ids) ORDER BY stream_id FOR SHARE SKIP LOCKED) AS b) AS basis,
    (SELECT json_agg(l) FROM (
       SELECT s.stream_id, s.version, s.state, ${instantText('s.recorded_at')} AS recorded_at,
              octet_length(s.state::text) AS bytes, s.first_event_id, s.created_by, s.updated_by, c.body_hash AS created_hash,
              c.actor AS created_actor, c.answer AS created_answer,
              CASE WHEN c.confirmed >= c.events THEN c.positions END AS created_positions
       FROM ledger.stream AS s LEFT JOIN ledger.command AS c ON c.command_id = s.created_by
       WHERE s.stream_id = ANY ($stream_ids) ORDER BY s.stream_id
       FOR UPDATE OF s SKIP LOCKED -- protects: no-unique-pending-lock
    ) AS l) AS locked`

const STREAM_COLUMNS = `stream_id text, tenant text, version integer, base_version integer, state json,
  recorded_at timestamptz, first_event_id uuid, created_by uuid, updated_by uuid`

// planner: MATERIALIZED parses JSON that is used several times only once.
const WRITE = `
  WITH streams AS MATERIALIZED (
    SELECT * FROM json_to_recordset($streams) AS r(${STREAM_COLUMNS})
  ), entries AS MATERIALIZED (
    SELECT * FROM json_to_recordset($entries) AS r(stream_id text, tenant text, name text, group_key text, rank text, first_event_id uuid,
                                                   notify boolean)
  ), created AS (
    INSERT INTO ledger.stream (stream_id, tenant, version, state, recorded_at, first_event_id, created_by, updated_by)
    SELECT stream_id, tenant, version, state, recorded_at, first_event_id, created_by, updated_by
    FROM streams WHERE base_version = 0
    ON CONFLICT DO NOTHING
    RETURNING 1
  ), changed AS (
    UPDATE ledger.stream AS s SET version = r.version, state = r.state, updated_by = r.updated_by
    FROM streams AS r
    WHERE s.stream_id = r.stream_id AND r.base_version > 0
      AND s.version = r.base_version -- protects: no-unique-pending-version
    RETURNING 1
  ), commands AS (
    INSERT INTO ledger.command (command_id, tenant, body_hash, actor, outcome, answer, repeat_of, events, confirmed, positions,
                                received_at)
    SELECT command_id, tenant, body_hash, actor, outcome, answer, repeat_of, events, confirmed, positions, received_at
    FROM json_to_recordset($commands) AS r(command_id uuid, tenant text, body_hash text, actor text, outcome text, answer json,
                                    repeat_of uuid, events integer, confirmed integer, positions jsonb, received_at timestamptz)
    ON CONFLICT DO NOTHING
    RETURNING 1
  ), outbox AS (
    INSERT INTO ledger.outbox (event_id, command_id, stream_id, version, partition, key, value, headers, bytes)
    SELECT event_id, command_id, stream_id, version, partition, key, value, headers, bytes
    FROM json_to_recordset($outbox) AS r(event_id uuid, command_id uuid, stream_id text, version integer, partition smallint,
                                    key text, value text, headers json, bytes integer)
  ), outdated AS (
    DELETE FROM ledger.stream_index AS i USING streams AS r
    WHERE r.base_version > 0 AND i.stream_id = r.stream_id
      AND NOT EXISTS (SELECT FROM entries AS e WHERE e.stream_id = i.stream_id AND e.name = i.name)
  ), listed AS (
    INSERT INTO ledger.stream_index (stream_id, tenant, name, group_key, rank, first_event_id, notify)
    SELECT stream_id, tenant, name, group_key, rank, first_event_id, notify FROM entries
    ON CONFLICT (stream_id, name) DO UPDATE SET group_key = excluded.group_key, rank = excluded.rank
  )
  SELECT (SELECT count(*) FROM created)::int + (SELECT count(*) FROM changed)::int AS streams,
         (SELECT count(*) FROM commands)::int AS commands`

/** Writes a group of decisions. Throws ConcurrencyConflict if another transaction was first. */
export async function writeDecisions(query: Query, { streams, commands, outbox }: Writes): Promise<void> {
  if (commands.size === 0 && streams.size === 0) return
  // Sorted, so that two transactions that insert the same rows do so in the same order and cannot deadlock.
  const rows = [...streams.values()].toSorted((a, b) => (a.stream_id < b.stream_id ? -1 : 1))
  const sorted = [...commands.values()].toSorted((a, b) => (a.command_id < b.command_id ? -1 : 1))
  const again = sorted.filter(({ base_events }) => base_events !== undefined)
  const first = sorted.filter(({ base_events }) => base_events === undefined)
  const entries = rows.flatMap(({ stream_id, tenant, first_event_id, entries }) =>
    entries.map(({ name, groupKey, rank, notify = false }) => ({
      stream_id,
      tenant,
      name,
      group_key: groupKey,
      rank,
      first_event_id,
      notify,
    })),
  )
  const [written] = await query<{ streams: number; commands: number }>(
    statement(
      'write decisions',
      WRITE,
      {
        streams: JSON.stringify(
          rows.map(
            ({
              entries: _,
              bytes: _b,
              created_hash: _h,
              created_actor: _w,
              created_answer: _a,
              created_positions: _p,
              ...row
            }) => row,
          ),
        ),
        commands: JSON.stringify(first),
        outbox: JSON.stringify(outbox),
        entries: JSON.stringify(entries),
      },
      { plan: 'once' },
    ),
  )
  if (written?.streams !== rows.length || written.commands !== first.length) throw new ConcurrencyConflict()
  for (const command of again) {
    const { command_id, base_events, outcome, answer, repeat_of, events } = command
    const values = { command_id, base_events, outcome, answer: JSON.stringify(answer), repeat_of, events }
    const decided = await query(statement('decided again', DECIDED_AGAIN, values, { plan: 'once' }))
    if (decided.length === 0) throw new ConcurrencyConflict()
  }
}

/** Replaces a refused command, unless it was decided meanwhile. */
const DECIDED_AGAIN = `
  UPDATE ledger.command SET outcome = $outcome, answer = $answer, repeat_of = $repeat_of, events = $events
  WHERE command_id = $command_id AND outcome = 'refused' AND events = $base_events RETURNING command_id`
