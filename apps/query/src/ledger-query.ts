import type { Query as LedgerQuery } from '#libs/ledger'
import type { Query } from '#libs/read-models'

/** Asks the ledger's index as the read models are asked: with the role that can only read. */
export function ledgerQuery(query: Query): LedgerQuery {
  return (text, values = []) => query({ text, values })
}
