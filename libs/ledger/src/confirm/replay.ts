import { decodeEvent, type LoggedEvent } from '#libs/contracts'
import type { LogRecord } from '#libs/event-log'
import type { CommandRow } from '../store/command.js'
import { notifyReplicas } from '../store/notify.js'
import { deciderOf } from '../decide/decider-of.js'
import { answerOf } from '../decide/outbox-rows.js'
import type { StreamWrite } from '../store/index-rows.js'
import { instantText, writeDecisions } from '../store/index-tables.js'
import { statement, type Query } from '#libs/postgres'

/** The index has a stream whose events differ from the log. */
class IndexContradictsLog extends Error {
  override name = 'IndexContradictsLog'
}

type StoredStream = Omit<StreamWrite, 'base_version' | 'entries' | keyof typeof NOT_KEPT>

/**
 * Applies events of the log that are not in the index: to streams, index entries, and the commands that recorded the
 * events. Throws IndexContradictsLog if a stream in the index has other events than
 * the log; resetting the index, which replays the log, resolves that.
 */
export async function replay(query: Query, records: LogRecord[]): Promise<void> {
  const events = records.map(decodeEvent)
  const streams = await loadStreams(query, [...new Set(events.map(({ metadata }) => metadata.streamId))])
  const commands = new Map<string, ReplayedCommand>()
  for (const logged of events) {
    const stream = foldInto(streams, logged)
    if (stream) addTo(commands, logged, stream)
  }
  const changed = [...streams].filter(([, { version, base_version }]) => version > base_version)
  const known = await knownCommands(query, [...commands.keys()])
  const merge = [...commands.values()].filter(({ command_id }) => known.has(command_id))
  await writeDecisions(query, {
    streams: new Map(changed),
    commands: new Map([...commands].filter(([commandId]) => !known.has(commandId))),
    outbox: [],
  })
  await notifyReplicas(query, new Map(changed))
  if (merge.length === 0) return
  await query(
    statement(
      'merge commands',
      `UPDATE ledger.command AS c
     SET events = greatest(c.events, c.confirmed + r.confirmed), confirmed = c.confirmed + r.confirmed,
         positions = c.positions || r.positions, outcome = r.outcome, answer = r.answer
     FROM json_to_recordset($commands) AS r(command_id uuid, confirmed integer, positions jsonb, outcome text, answer json)
     WHERE c.command_id = r.command_id`,
      { commands: JSON.stringify(merge) },
    ),
  )
}

/** Columns that are loaded for a decision and never written. */
const NOT_KEPT = { bytes: 0, created_hash: null, created_actor: null, created_answer: null, created_positions: null }

function foldInto(streams: Map<string, StreamWrite>, { metadata, event }: LoggedEvent): StreamWrite | undefined {
  const { streamId, streamVersion, tenant, recordedTime, causationId, id } = metadata
  const decider = deciderOf(streamId)
  const before = streams.get(streamId)
  const version = before?.version ?? 0
  if (streamVersion !== version + 1) {
    const fault =
      streamVersion <= version
        ? 'the index has another event with this version'
        : `the index ends at version ${version}`
    throw new IndexContradictsLog(
      `stream ${streamId}, version ${streamVersion}: ${fault}. shiplog-admin rebuild index rebuilds it from the log.`,
    )
  }
  const state = decider.evolve(before?.state ?? decider.initial, event)
  const after: StreamWrite = {
    stream_id: streamId,
    tenant,
    version: streamVersion,
    state,
    recorded_at: before?.recorded_at ?? recordedTime,
    first_event_id: before?.first_event_id ?? id,
    created_by: before?.created_by ?? causationId,
    ...NOT_KEPT,
    updated_by: causationId,
    base_version: before?.base_version ?? 0,
    entries: decider.indexEntries(state),
  }
  streams.set(streamId, after)
  return after
}

/** A command derived from its events; its target is the stream of its last event. */
type ReplayedCommand = CommandRow & { tenant: string; received_at: string }

function addTo(
  commands: Map<string, ReplayedCommand>,
  { metadata, event, partition, seq }: LoggedEvent,
  { stream_id, state, version, recorded_at }: StreamWrite,
): void {
  const { causationId, commandHash, tenant, recordedTime, actor = null } = metadata
  const before = commands.get(causationId)
  const events = (before?.events ?? 0) + 1
  const decider = deciderOf(stream_id)
  const refusal = decider.refusalOf?.(event, state)
  commands.set(causationId, {
    command_id: causationId,
    tenant,
    body_hash: commandHash,
    actor,
    outcome: refusal ? 'refused' : 'decided',
    answer:
      refusal ?? answerOf(decider, { state, streamVersion: version, recordedAt: recorded_at }, { event, recordedTime }),
    repeat_of: null,
    events,
    confirmed: events,
    positions: { ...before?.positions, [partition]: seq },
    received_at: recordedTime,
  })
}

async function loadStreams(query: Query, streamIds: string[]): Promise<Map<string, StreamWrite>> {
  const rows = await query<StoredStream>(
    statement(
      'streams of a replay',
      `SELECT stream_id, tenant, version, state, ${instantText('recorded_at')} AS recorded_at, first_event_id, created_by, updated_by
     FROM ledger.stream WHERE stream_id = ANY ($stream_ids) ORDER BY stream_id FOR UPDATE`,
      { stream_ids: streamIds },
    ),
  )
  return new Map(
    rows.map(row => {
      const entries = deciderOf(row.stream_id).indexEntries(row.state)
      return [row.stream_id, { ...row, ...NOT_KEPT, base_version: row.version, entries }]
    }),
  )
}

async function knownCommands(query: Query, commandIds: string[]): Promise<Set<string>> {
  const rows = await query<{ command_id: string }>(
    statement('known commands', 'SELECT command_id FROM ledger.command WHERE command_id = ANY ($command_ids)', {
      command_ids: commandIds,
    }),
  )
  return new Set(rows.map(({ command_id }) => command_id))
}
