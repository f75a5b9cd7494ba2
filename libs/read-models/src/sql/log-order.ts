import { parseInstant } from '#libs/contracts'

/** Partitions and events that a `log_order` has room for. */
const PARTITION_LIMIT = 4095
const SEQ_BITS = 50n

/**
 * A place in the log as one number (63 bits): descending, it is partition ascending, then seq descending. So one index and
 * one row comparison carry the order of the history, and a tie is broken without a sort.
 */
export function logOrder(partition: number, seq: number): bigint {
  return (BigInt(PARTITION_LIMIT - partition) << SEQ_BITS) + BigInt(seq)
}

/** Whether a cursor's place is a start (an instant) and a `logOrder`. */
export function isStartKey(cursorKey: unknown[]): cursorKey is [string, string] {
  const [start, order] = cursorKey
  return (
    cursorKey.length === 2 &&
    typeof start === 'string' &&
    parseInstant(start) !== undefined &&
    typeof order === 'string' &&
    /^\d{1,18}$|^[1-8]\d{18}$/.test(order)
  )
}
