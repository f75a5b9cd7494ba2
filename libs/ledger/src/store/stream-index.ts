import { statement, type Query } from '#libs/postgres'

/** An index entry of a stream. */
export interface IndexedStream {
  streamId: string
  groupKey: string
  rank: string
  /** Id of the stream's first event, which breaks ties of `rank`. */
  firstEventId: string
  /** All names of the stream in the index. */
  names: string[]
}

/**
 * Finds streams of the tenant in the decision transaction. The cost of a call depends on the number of its results, not on the
 * number of streams.
 */
export interface StreamIndex {
  /** The state of a stream; `undefined` without events. It may change before the command is decided. */
  state<S>(streamId: string): Promise<S | undefined>
  /** The states of streams, by id. */
  states<S>(streamIds: readonly string[]): Promise<Map<string, S>>
  /** Total size of the states of streams, in bytes. */
  bytes(streamIds: readonly string[]): Promise<number>
  /** The streams among these that have an entry of this name. They may change before the command is decided. */
  having(name: string, streamIds: string[]): Promise<string[]>
  /** The group keys under a name that start with a prefix, in order, `limit` at most. */
  groupKeys(name: string, prefix: string, limit: number): Promise<string[]>
  /** The latest stream under a name of each of these groups that has one. */
  latestOfEach(name: string, groupKeys: readonly string[]): Promise<IndexedStream[]>
  /** The latest streams under a name of these groups together, the latest of all first, `limit` at most. */
  latest(name: string, groupKeys: readonly string[], limit: number): Promise<IndexedStream[]>
  /** The same of the streams up to a rank. */
  latestUntil(name: string, groupKeys: readonly string[], rank: string, limit: number): Promise<IndexedStream[]>
}

/** Compares entries: the later one first. */
export function laterFirst(a: IndexedStream, b: IndexedStream): number {
  if (a.rank !== b.rank) return a.rank > b.rank ? -1 : 1
  return a.firstEventId > b.firstEventId ? -1 : 1
}

/** Streams before a decision. Those that are read must be unchanged when it is made. */
export interface StreamSnapshot {
  /** The states of streams by id; streams without events are absent. */
  states(streamIds: string[]): Promise<Map<string, unknown>>
}

export function streamIndexOf(query: Query, tenant: string): StreamIndex {
  const states = async <S>(streamIds: readonly string[]) => {
    const rows = await query<{ stream_id: string; state: S }>(
      statement(
        'states of a tenant',
        'SELECT stream_id, state FROM ledger.stream WHERE stream_id = ANY ($stream_ids) AND tenant = $tenant',
        { stream_ids: streamIds, tenant },
      ),
    )
    return new Map(rows.map(({ stream_id, state }) => [stream_id, state]))
  }
  return {
    states,
    state: async <S>(streamId: string) => (await states<S>([streamId])).get(streamId),
    having: async (name, streamIds) => {
      const rows = await query<{ stream_id: string }>(
        statement(
          'streams with an entry',
          `SELECT stream_id FROM ledger.stream_index
           WHERE stream_id = ANY ($stream_ids) AND name = $name AND tenant = $tenant`,
          { stream_ids: streamIds, name, tenant },
        ),
      )
      return rows.map(({ stream_id }) => stream_id)
    },
    bytes: async streamIds => {
      const [row] = await query<{ bytes: string | null }>(
        statement(
          'size of states',
          `SELECT sum(octet_length(state::text)) AS bytes FROM ledger.stream
           WHERE stream_id = ANY ($stream_ids) AND tenant = $tenant`,
          { stream_ids: streamIds, tenant },
        ),
      )
      return Number(row!.bytes ?? 0)
    },
    groupKeys: async (name, prefix, limit) => {
      const rows = await query<{ group_key: string }>(
        statement('group keys', GROUP_KEYS, { tenant, name, prefix, limit }),
      )
      return rows.map(({ group_key }) => group_key)
    },
    latestOfEach: (name, groupKeys) =>
      query<IndexedStream>(statement('latest of each group', LATEST_OF_EACH, { tenant, name, group_keys: groupKeys })),
    latest: (name, groupKeys, limit) =>
      query<IndexedStream>(statement('latest of groups', LATEST, { tenant, name, group_keys: groupKeys, limit })),
    latestUntil: (name, groupKeys, rank, limit) => {
      const values = { tenant, name, group_keys: groupKeys, rank, limit }
      return query<IndexedStream>(statement('latest of groups until a rank', LATEST_UNTIL, values))
    },
  }
}

// One step in the index for each group, regardless of the number of its streams.
const GROUP_KEYS = `
  WITH RECURSIVE known AS (
    (SELECT group_key FROM ledger.stream_index WHERE tenant = $tenant AND name = $name AND group_key >= $prefix ORDER BY group_key LIMIT 1)
    UNION ALL
    SELECT (
      SELECT i.group_key FROM ledger.stream_index AS i
      WHERE i.tenant = $tenant AND i.name = $name AND i.group_key > known.group_key ORDER BY i.group_key LIMIT 1
    ) FROM known WHERE starts_with(known.group_key, $prefix)
  )
  SELECT group_key FROM known WHERE starts_with(group_key, $prefix) LIMIT $limit`

const latestIn = (limit: string, condition = '') => `
  SELECT stream_id, group_key, rank, first_event_id FROM ledger.stream_index AS i
  WHERE i.tenant = $tenant AND i.name = $name AND i.group_key = wanted.group_key ${condition}
  ORDER BY rank DESC, first_event_id DESC LIMIT ${limit}`

const ENTRY = `latest.stream_id AS "streamId", latest.group_key AS "groupKey", latest.rank, latest.first_event_id AS "firstEventId",
  ARRAY(SELECT n.name FROM ledger.stream_index AS n WHERE n.stream_id = latest.stream_id) AS names`

const LATEST_OF_EACH = `
  SELECT ${ENTRY} FROM unnest($group_keys::text[]) AS wanted(group_key) CROSS JOIN LATERAL (${latestIn('1')}) AS latest`

const latestOfAll = (condition: string) => `
  SELECT ${ENTRY} FROM (
    SELECT latest.* FROM unnest($group_keys::text[]) AS wanted(group_key) CROSS JOIN LATERAL (${latestIn('$limit', condition)}) AS latest
    ORDER BY latest.rank DESC, latest.first_event_id DESC LIMIT $limit
  ) AS latest ORDER BY latest.rank DESC, latest.first_event_id DESC`

const LATEST = latestOfAll('')
const LATEST_UNTIL = latestOfAll('AND i.rank <= $rank')
