import { countOf, ledgerSeqHeader, type WireRecord } from '#libs/contracts'
import type { ProjectedPosition } from './positions.js'
import { readRecord, type ProjectedEvent } from './projected-event.js'

/** A record with its Kafka offset. */
interface PlacedRecord extends WireRecord {
  offset: number
}

/** Why a record cannot be projected. */
export interface UnreadableRecord {
  record: PlacedRecord
  reason: string
}

/** A span of records, read. */
export interface Chunk {
  events: ProjectedEvent[]
  /** The record of each event. */
  records: PlacedRecord[]
  /** Records that carry a `ledgerseq` that came before. */
  duplicates: PlacedRecord[]
  /** Index of the record to go on from. */
  next: number
  /** The record that could not be read: the chunk ends in front of it. */
  poison?: UnreadableRecord
  /** The record that does not follow the one before it: the chunk ends in front of it. */
  gap?: UnreadableRecord
}

/** Events in one transaction at most. */
const CHUNK = 1000
/** Bytes of their values from which on a chunk takes no further event. */
const CHUNK_BYTES = 8 * 1024 * 1024

/**
 * Reads records from an index on, as far as they follow each other, and at most `most` of them, or some 8 MiB; `after` is the `ledgerseq` in
 * front of them.
 */
export function readChunk(all: readonly PlacedRecord[], from: number, after: number, most = CHUNK): Chunk {
  const chunk: Chunk = { events: [], records: [], duplicates: [], next: from }
  let last = after
  let bytes = 0
  for (; chunk.next < all.length && chunk.events.length < most && bytes < CHUNK_BYTES; chunk.next++) {
    const record = all[chunk.next]!
    // What the ledger did not write has no number, whatever it says: it is neither a repeat nor behind a gap.
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

/** `ledgerseq` of a record; `undefined` where it has none. */
export function seqOf({ headers }: PlacedRecord): number | undefined {
  return countOf(headers[ledgerSeqHeader]?.toString() ?? '')
}

/** Where a partition stands once these events are projected. */
export function endOf({ events, records }: Pick<Chunk, 'events' | 'records'>): ProjectedPosition {
  return { seq: events.at(-1)!.seq, nextOffset: records.at(-1)!.offset + 1 }
}
