import { ledgerSeqHeader } from '#libs/contracts'
import type { LogRecord } from '#libs/event-log'
import { readRecord, type ProjectedEvent } from '#libs/read-models'

/** Why a record cannot be projected. */
export interface Obstacle {
  record: LogRecord
  reason: string
}

/** A stretch of records, read. */
export interface Chunk {
  events: ProjectedEvent[]
  /** The record of each event. */
  records: LogRecord[]
  /** Records that carry a `ledgerseq` that came before. */
  duplicates: LogRecord[]
  /** Index of the record to go on from. */
  next: number
  /** The record that could not be read: the chunk ends in front of it. */
  poison?: Obstacle
  /** The record that does not follow the one before it: the chunk ends in front of it. */
  gap?: Obstacle
}

/** Events in one transaction at most. */
const CHUNK = 1000

/** Reads records from an index on, as far as they follow each other; `after` is the `ledgerseq` in front of them. */
export function readChunk(all: readonly LogRecord[], from: number, after: number): Chunk {
  const chunk: Chunk = { events: [], records: [], duplicates: [], next: from }
  let last = after
  for (; chunk.next < all.length && chunk.events.length < CHUNK; chunk.next++) {
    const record = all[chunk.next]!
    const seq = seqOf(record)
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
  }
  return chunk
}

/** `ledgerseq` of a record; `undefined` where it has none. */
export function seqOf({ headers }: LogRecord): number | undefined {
  const seq = Number(headers[ledgerSeqHeader]?.toString())
  return Number.isSafeInteger(seq) && seq >= 1 ? seq : undefined
}
