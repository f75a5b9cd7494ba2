import { createHash } from 'node:crypto'
import { ledgerSeqHeader, previousHashHeader, type WireEvent } from '#libs/contracts'

/** What the first event of a partition names as the hash before it. */
export const GENESIS_HASH = '0'.repeat(64)

/** The last event of a partition: its `ledgerseq` and its hash. */
export interface Tail {
  seq: number
  hash: string
}

export const emptyTail: Tail = { seq: 0, hash: GENESIS_HASH }

/**
 * Lower-case hex SHA-256 of a record: over key, value, then each header sorted by name as name and value; each of these byte
 * strings is preceded by its length as 4 bytes, big-endian.
 */
export function hashRecord(record: {
  key: Buffer | string
  value: Buffer | string
  headers: Record<string, Buffer | string>
}): string {
  const hash = createHash('sha256')
  const add = (bytes: Buffer | string) => {
    const length = Buffer.allocUnsafe(4)
    length.writeUInt32BE(Buffer.byteLength(bytes))
    hash.update(length).update(bytes)
  }
  add(record.key)
  add(record.value)
  for (const name of Object.keys(record.headers).sort()) {
    add(name)
    add(record.headers[name]!)
  }
  return hash.digest('hex')
}

/** Gives an event the place after a tail, and says what the tail is then. */
export function chain(event: WireEvent, tail: Tail): { event: WireEvent; tail: Tail } {
  const seq = tail.seq + 1
  const headers = { ...event.headers, [ledgerSeqHeader]: String(seq), [previousHashHeader]: tail.hash }
  const chained = { ...event, headers }
  return { event: chained, tail: { seq, hash: hashRecord(chained) } }
}
