/** The log does not hold all that the index knows: it could neither be gone on with nor built anew from it. */
export class IncompleteLog extends Error {
  override name = 'LogNotWhole'
}

/**
 * Refuses a partition that ends before what the index has read of it: events that were acknowledged are not there, and what is appended behind them
 * would hide that. Offsets are the next ones. Throws LogNotWhole.
 */
export function refuseShorterLog(partition: number, end: number, read: number): void {
  if (end >= read) return
  throw new IncompleteLog(
    `partition ${partition} ends at offset ${end}, and the index has read it up to ${read}: the log has lost events, or is another ` +
      'one. To go on with what it has, drop the schema ledger.',
  )
}
