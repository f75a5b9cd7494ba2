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

/** Throws if the database belongs to another topic. */
export async function refuseOtherTopic(query: Query, topic: string): Promise<void> {
  const [gate] = await query<{ topic: string }>(statement('topic of the database', 'SELECT topic FROM ledger.gate'))
  if (gate && gate.topic !== topic) {
    throw new Error(`this database belongs to topic ${gate.topic}: set SHIPLOG_TOPIC to it, or use another database`)
  }
}
