import { countOf, ledgerSeqHeader, type LoggedEvent } from '#libs/contracts'
import type { LogRecord } from '#libs/event-log'
import type { LogPosition, UnreadableRecord } from './partition.js'

/** Consecutive records of one partition, decoded. */
export interface Chunk<E> {
  events: E[]
  /** The record of each event. */
  records: LogRecord[]
  /** Records whose `ledgerseq` was read before. */
  duplicates: LogRecord[]
  /** Index of the record at which reading continues. */
  next: number
  /** A record that cannot be decoded, at which the chunk ends. */
  poison?: UnreadableRecord
  /** A record that does not follow the previous one, at which the chunk ends. */
  gap?: UnreadableRecord
}

/** Size of the values at which a chunk ends, in bytes: a chunk is decoded, and its statements are encoded, without serving other requests. */
const CHUNK_BYTES = 1024 * 1024

/**
 * Decodes records from an index on while their numbers are consecutive: up to `most` records, or about 1 MiB. `after` is the `ledgerseq`
 * before them.
 */
export function readChunk<E extends LoggedEvent>(
  all: readonly LogRecord[],
  from: number,
  after: number,
  { decode, most }: { decode(record: LogRecord): E; most: number },
): Chunk<E> {
  const chunk: Chunk<E> = { events: [], records: [], duplicates: [], next: from }
  let last = after
  let bytes = 0
  for (; chunk.next < all.length && chunk.events.length < most && bytes < CHUNK_BYTES; chunk.next++) {
    const record = all[chunk.next]!
    // A foreign record has no valid number, whatever it contains: it is neither a repeat nor after a gap.
    const seq = record.flaw === undefined ? seqOf(record) : undefined
    // protects: no-dedup-of-seq
    if (seq !== undefined && seq <= last) {
      chunk.duplicates.push(record)
      continue
    }
    if (seq !== undefined && seq > last + 1) {
      chunk.gap = { record, reason: `a gap: after event ${last} comes event ${seq}, at offset ${record.offset}` }
      break
    }
    try {
      chunk.events.push(decode(record))
    } catch (error) {
      chunk.poison = { record, reason: error instanceof Error ? error.message : String(error) }
      break
    }
    chunk.records.push(record)
    last += 1
    bytes += record.value.length
  }
  return chunk
}

/** `ledgerseq` of a record; `undefined` where it has none. */
export function seqOf({ headers }: LogRecord): number | undefined {
  return countOf(headers[ledgerSeqHeader]?.toString() ?? '')
}

/** The position of a partition once these events are applied. */
export function endOf({ events, records }: Pick<Chunk<LoggedEvent>, 'events' | 'records'>): LogPosition {
  return { seq: events.at(-1)!.seq, nextOffset: records.at(-1)!.offset + 1 }
}
