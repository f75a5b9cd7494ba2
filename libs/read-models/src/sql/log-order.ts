import { parseInstant } from '#libs/contracts'

/** Limits of partitions and events in a `log_order`. */
const PARTITION_LIMIT = 4095
const SEQ_BITS = 50n

/**
 * A log position as one number (63 bits): in descending order it is partition ascending, then seq descending. So one index and one row
 * comparison provide the order of the history, with ties broken without a sort.
 */
export function logOrder(partition: number, seq: number): bigint {
  return (BigInt(PARTITION_LIMIT - partition) << SEQ_BITS) + BigInt(seq)
}

/** Whether a cursor contains a start (an instant) and a `logOrder`. */
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
