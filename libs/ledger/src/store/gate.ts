import { deciders } from '#libs/domain'
import { statement, type Query } from '#libs/postgres'

/** Raised with every change of the index apart from stream states, and of how the log is replayed into it. */
const INDEX_VERSION = 2

/** The versions of the index and of each decider. A replica does not decide on states that were written under other versions. */
export const STATE_VERSIONS = [
  `index:${INDEX_VERSION}`,
  ...deciders.map(({ category, stateVersion }) => `${category}:${stateVersion}`),
]
  .toSorted()
  .join(',')

/**
 * SQL: whether the gate is open: the index has caught up with the log since the Postgres server started, and its states have
 * the versions of this process. Null before the first time.
 */
export const GATE_IS_OPEN = `(SELECT open_for = pg_postmaster_start_time() AND state_versions = $state_versions FROM ledger.gate)`

/** Values of the parameters of GATE_IS_OPEN. */
export const OWN_VERSIONS = { state_versions: STATE_VERSIONS }

/** The reason for refusing commands and lookups while the gate is closed. */
export const CATCHING_UP = 'the index of the ledger is catching up with the log'

/** Whether the index has caught up with the log. */
export async function isOpen(query: Query): Promise<boolean> {
  const [row] = await query<{ open: boolean | null }>(statement('gate', `SELECT ${GATE_IS_OPEN} AS open`, OWN_VERSIONS))
  return row?.open ?? false
}

/**
 * Opens the gate until the Postgres server restarts, unless the index has fewer events than a reader of the log, since it was reset meanwhile.
 *
 * @param seqs number of the last event that was read, by partition
 * @returns whether it is open
 */
export async function openGate(query: Query, topic: string, seqs: ReadonlyMap<number, number>): Promise<boolean> {
  const opened = await query(
    statement(
      'open the gate',
      `INSERT INTO ledger.gate (topic, open_since, open_for, state_versions)
       SELECT $topic, now(), pg_postmaster_start_time(), $state_versions
       WHERE NOT EXISTS (
         SELECT FROM ledger.partition_log JOIN unnest($partitions::smallint[], $seqs::bigint[]) AS read (partition, seq) USING (partition)
         WHERE partition_log.seq < read.seq
       )
       ON CONFLICT (topic) DO UPDATE SET open_since = excluded.open_since, open_for = excluded.open_for,
         state_versions = excluded.state_versions
       RETURNING topic`,
      { topic, partitions: [...seqs.keys()], seqs: [...seqs.values()], ...OWN_VERSIONS },
    ),
  )
  return opened.length > 0
}

/** Throws if the database belongs to another topic. */
export async function refuseOtherTopic(query: Query, topic: string): Promise<void> {
  const [gate] = await query<{ topic: string }>(statement('topic of the database', 'SELECT topic FROM ledger.gate'))
  if (gate && gate.topic !== topic) {
    throw new Error(`this database belongs to topic ${gate.topic}: set SHIPLOG_TOPIC to it, or use another database`)
  }
}
