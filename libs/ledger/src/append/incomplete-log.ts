/** The log lacks events that the index has read: it can neither be continued nor replayed. */
export class IncompleteLog extends Error {
  override name = 'IncompleteLog'
}

/**
 * Refuses a partition that ends before the last event that the index has read: acknowledged events are missing, and appending more
 * would hide that. Offsets are those of the next record. Throws IncompleteLog.
 */
export function refuseShorterLog(partition: number, end: number, read: number): void {
  if (end >= read) return
  throw new IncompleteLog(
    `partition ${partition} ends at offset ${end}, and the index has read it up to ${read}: the log has lost events, or is a different ` +
      'log. Restore the log; to continue without these events, drop the schema ledger.',
  )
}
