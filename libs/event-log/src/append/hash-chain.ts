import { hash } from 'node:crypto'
import { ledgerSeqHeader, previousHashHeader, type WireEvent } from '#libs/contracts'

/** The previous hash of the first event in a partition. */
export const GENESIS_HASH = '0'.repeat(64)

/** The last event of a partition: its `ledgerseq` and its hash. */
export interface Tail {
  seq: number
  hash: string
}

export const emptyTail: Tail = { seq: 0, hash: GENESIS_HASH }

/**
 * Lower-case hex SHA-256 of a record: over key, value, and each header, sorted by name, as name and value. Each of these byte
 * strings is preceded by its length as 4 bytes, big-endian.
 */
export function hashRecord(record: {
  key: Buffer | string
  value: Buffer | string
  headers: Record<string, Buffer | string>
}): string {
  const strings = [record.key, record.value]
  for (const name of Object.keys(record.headers).toSorted()) strings.push(name, record.headers[name]!)
  const bytes = Buffer.allocUnsafe(strings.reduce<number>((sum, string) => sum + 4 + Buffer.byteLength(string), 0))
  let end = 0
  for (const string of strings) {
    const start = end + 4
    end = start + (typeof string === 'string' ? bytes.write(string, start) : string.copy(bytes, start))
    bytes.writeUInt32BE(end - start, start - 4)
  }
  return hash('sha256', bytes, 'hex')
}

/** Numbers and chains an event after a tail, and returns the new tail. */
export function chain(event: WireEvent, tail: Tail): { event: WireEvent; tail: Tail } {
  const seq = tail.seq + 1
  const headers = { ...event.headers, [ledgerSeqHeader]: String(seq), [previousHashHeader]: tail.hash }
  const chained = { ...event, headers }
  return { event: chained, tail: { seq, hash: hashRecord(chained) } }
}
