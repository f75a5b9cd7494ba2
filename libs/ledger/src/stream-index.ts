import type { Query } from './postgres.js'

/** A stream as the index finds it. */
export interface FoundStream<S> {
  streamId: string
  state: S
}

/** Finds streams across the tenant, inside the transaction that decides. */
export interface StreamIndex {
  /** The state of a stream; `undefined`: nothing has happened in it. It may change before the command is decided. */
  state<S>(streamId: string): Promise<S | undefined>
  /** Which of these streams have an entry under a name. They may change before the command is decided. */
  having(name: string, streamIds: string[]): Promise<string[]>
  /** The latest stream of each place under a name, the latest of all first. */
  latestOfEachPlace<S>(name: string): Promise<FoundStream<S>[]>
  /** The latest stream of some places under a name. */
  latest<S>(name: string, places: string[]): Promise<FoundStream<S> | undefined>
}

/** Streams as they are before a decision. Those that are asked for must be the same when it is made. */
export interface StreamSnapshot {
  /** The states of streams; `undefined`: nothing has happened in it. */
  states(streamIds: string[]): Promise<Map<string, unknown>>
}

export function streamIndexOf(query: Query, tenant: string): StreamIndex {
  return {
    state: async <S>(streamId: string) => {
      const [row] = await query<{ state: S }>(`SELECT state FROM ledger.stream WHERE stream_id = $1 AND tenant = $2`, [
        streamId,
        tenant,
      ])
      return row?.state
    },
    having: async (name, streamIds) => {
      const rows = await query<{ stream_id: string }>(
        `SELECT stream_id FROM ledger.stream_index WHERE stream_id = ANY ($1) AND name = $2 AND tenant = $3`,
        [streamIds, name, tenant],
      )
      return rows.map(({ stream_id }) => stream_id)
    },
    latestOfEachPlace: name =>
      query(
        `SELECT s.stream_id AS "streamId", s.state
         FROM (SELECT DISTINCT ON (place) stream_id, rank, begun FROM ledger.stream_index
               WHERE tenant = $1 AND name = $2 ORDER BY place, rank DESC, begun DESC) AS latest
         JOIN ledger.stream AS s USING (stream_id) ORDER BY latest.rank DESC, latest.begun DESC`,
        [tenant, name],
      ),
    latest: async (name, places) => {
      const rows = await query<FoundStream<never>>(
        `SELECT s.stream_id AS "streamId", s.state
         FROM unnest($3::text[]) AS wanted(place)
         CROSS JOIN LATERAL (SELECT stream_id, rank, begun FROM ledger.stream_index AS i
               WHERE i.tenant = $1 AND i.name = $2 AND i.place = wanted.place
               ORDER BY rank DESC, begun DESC LIMIT 1) AS latest
         JOIN ledger.stream AS s USING (stream_id) ORDER BY latest.rank DESC, latest.begun DESC LIMIT 1`,
        [tenant, name, places],
      )
      return rows[0]
    },
  }
}
