import { createHash } from 'node:crypto'
import { chain, emptyTail, GENESIS_HASH, hashRecord } from './hash-chain.js'

const event = { key: 'acme/shop', value: '{"a":"é"}', headers: { ce_type: 't', ce_id: '1' } }

it('hashRecord hashes the key, the value and the headers by name, each after its length', () => {
  // Byte by byte: the lengths 9 and 10 (é has two bytes), then ce_id before ce_type.
  const bytes = Buffer.concat([
    Buffer.from('\0\0\0\x09acme/shop'),
    Buffer.from('\0\0\0\x0a{"a":"é"}'),
    Buffer.from('\0\0\0\x05ce_id\0\0\0\x011'),
    Buffer.from('\0\0\0\x07ce_type\0\0\0\x01t'),
  ])
  expect(hashRecord(event)).toBe(createHash('sha256').update(bytes).digest('hex'))
})

it('hashRecord returns the same hash for a text and for its bytes', () => {
  const headers = Object.fromEntries(Object.entries(event.headers).map(([name, value]) => [name, Buffer.from(value)]))
  const bytes = { key: Buffer.from(event.key), value: Buffer.from(event.value), headers }
  expect(hashRecord(bytes)).toBe(hashRecord(event))
})

it('chain links each event to the previous one', () => {
  const first = chain(event, emptyTail)
  expect(first.event.headers).toEqual({ ...event.headers, ce_ledgerseq: '1', ce_prevhash: GENESIS_HASH })
  const second = chain(event, first.tail)
  expect(second.event.headers).toMatchObject({ ce_ledgerseq: '2', ce_prevhash: hashRecord(first.event) })
  expect(second.tail).toEqual({ seq: 2, hash: hashRecord(second.event) })
})
