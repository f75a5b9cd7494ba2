import { statement, type Query, type Statement } from '#libs/postgres'
import type { Writes } from './index-rows.js'

/** Postgres channel on which replicas are notified of certain index entries. */
export const NOTIFY_CHANNEL = 'shiplog_notify'

/** A stream with a notifying index entry. */
export interface NotifiedStream {
  tenant: string
  streamId: string
  groupKey: string
  rank: string
}

/** A statement that notifies the listeners of a channel. */
export function notification(channel: string): Statement {
  return statement('notify', `SELECT pg_notify($channel, '')`, { channel })
}

/** Notifies all replicas when the transaction commits, if one of the entries requires it. */
export async function notifyReplicas(query: Query, streams: Writes['streams']): Promise<void> {
  const required = [...streams.values()].some(({ entries }) => entries.some(({ notify }) => notify))
  if (required) await query(notification(NOTIFY_CHANNEL))
}

/** The streams of all tenants with a notifying entry of this name, lowest rank first. */
export function notifiedStreams(query: Query, name: string, limit: number): Promise<NotifiedStream[]> {
  return query<NotifiedStream>(
    statement(
      'notified streams',
      `SELECT tenant, stream_id AS "streamId", group_key AS "groupKey", rank FROM ledger.stream_index
     WHERE notify AND name = $name ORDER BY rank, stream_id LIMIT $limit`,
      { name, limit },
    ),
  )
}

/**
 * States and versions of streams whose version differs from the known one.
 *
 * @param known versions by stream id; 0 if unknown
 */
export async function changedStates(
  query: Query,
  known: ReadonlyMap<string, number>,
): Promise<Map<string, { version: number; state: unknown }>> {
  const rows = await query<{ stream_id: string; version: number; state: unknown }>(
    statement(
      'changed states',
      `SELECT s.stream_id, s.version, s.state FROM unnest($stream_ids::text[], $versions::integer[]) AS known(stream_id, version)
     JOIN ledger.stream AS s USING (stream_id) WHERE s.version <> known.version`,
      { stream_ids: [...known.keys()], versions: [...known.values()] },
    ),
  )
  return new Map(rows.map(({ stream_id, ...row }) => [stream_id, row]))
}

/** States of streams by id; streams without events are absent. */
export async function streamStates(query: Query, streamIds: string[]): Promise<Map<string, unknown>> {
  const rows = await query<{ stream_id: string; state: unknown }>(
    statement('states', 'SELECT stream_id, state FROM ledger.stream WHERE stream_id = ANY ($stream_ids)', {
      stream_ids: streamIds,
    }),
  )
  return new Map(rows.map(({ stream_id, state }) => [stream_id, state]))
}
