import type { Query } from './postgres.js'

/** SQL: whether decisions may be made: the index has caught up with the log in this run of the Postgres server. Null before it ever had. */
export const GATE_IS_OPEN = '(SELECT open_for = pg_postmaster_start_time() FROM ledger.gate)'

/** Why nothing is decided, and of what is not found nothing is said. */
export const CATCHING_UP = 'the index of the ledger is catching up with the log'

/** Whether the index has caught up with the log. */
export async function isOpen(query: Query): Promise<boolean> {
  const [row] = await query<{ open: boolean | null }>(`SELECT ${GATE_IS_OPEN} AS open`)
  return row?.open ?? false
}
