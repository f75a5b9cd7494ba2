import { deciders } from '#libs/domain'
import type { Query } from './postgres.js'

/** Raised with every change of what the index keeps beside the states of streams, and of how that is folded from the log. */
const INDEX_VERSION = 2

/** By which version of each decider, and of the index itself, the index was folded: states of another version are not decided on. */
export const STATE_VERSIONS = [
  `index:${INDEX_VERSION}`,
  ...deciders.map(({ category, stateVersion }) => `${category}:${stateVersion}`),
]
  .toSorted()
  .join(',')

/**
 * SQL: whether decisions may be made: the index has caught up with the log in this run of the Postgres server, and its states are of
 * this version. Null before it ever had.
 */
export const GATE_IS_OPEN = `(SELECT open_for = pg_postmaster_start_time() AND state_versions = '${STATE_VERSIONS}' FROM ledger.gate)`

/** Why nothing is decided, and of what is not found nothing is said. */
export const CATCHING_UP = 'the index of the ledger is catching up with the log'

/** Whether the index has caught up with the log. */
export async function isOpen(query: Query): Promise<boolean> {
  const [row] = await query<{ open: boolean | null }>(`SELECT ${GATE_IS_OPEN} AS open`)
  return row?.open ?? false
}
