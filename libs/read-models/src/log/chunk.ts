import { countOf, ledgerSeqHeader, type WireRecord } from '#libs/contracts'
import type { ProjectedPosition } from './positions.js'
import { readRecord, type ProjectedEvent } from './projected-event.js'

/** A record with its Kafka offset. */
interface PlacedRecord extends WireRecord {
  offset: number
}

/** The reason why a record cannot be projected. */
export interface UnreadableRecord {
  record: PlacedRecord
  reason: string
}

/** A sequence of records. */
export interface Chunk {
  events: ProjectedEvent[]
  /** The record of each event. */
  records: PlacedRecord[]
  /** Number of records whose `ledgerseq` was read before. */
  duplicates: PlacedRecord[]
  /** Index of the record at which reading continues. */
  next: number
  /** An unreadable record, at which the chunk ends. */
  poison?: UnreadableRecord
  /** A record that does not follow the previous one, at which the chunk ends. */
  gap?: UnreadableRecord
}

/** Maximum number of events in one transaction. */
const CHUNK = 1000
/** Size of their values at which a chunk ends. */
const CHUNK_BYTES = 8 * 1024 * 1024

/**
 * Reads records from an index on while their numbers are consecutive, up to `most` records or about 8 MiB; `after` is the `ledgerseq`
 * before them.
 */
export function readChunk(all: readonly PlacedRecord[], from: number, after: number, most = CHUNK): Chunk {
  const chunk: Chunk = { events: [], records: [], duplicates: [], next: from }
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
      chunk.events.push(readRecord(record))
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

/** `ledgerseq` of a record; `undefined` without one. */
export function seqOf({ headers }: PlacedRecord): number | undefined {
  return countOf(headers[ledgerSeqHeader]?.toString() ?? '')
}

/** The position of a partition after these events. */
export function endOf({ events, records }: Pick<Chunk, 'events' | 'records'>): ProjectedPosition {
  return { seq: events.at(-1)!.seq, nextOffset: records.at(-1)!.offset + 1 }
}
