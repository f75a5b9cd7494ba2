import Decoder from 'kafkajs/src/protocol/decoder.js'
import readHeader from 'kafkajs/src/protocol/recordBatch/header/v0/decoder.js'
import { readHeadersOnce, singleHeaders } from './kafkajs-headers.js'

readHeadersOnce()

/** Lengths are zigzag-encoded; texts here are short. */
const length = (count: number) => Buffer.from([count * 2])
const text = (value: string | Buffer) => Buffer.concat([length(value.length), Buffer.from(value)])
const nothing = Buffer.from([1])

function read(count: number, ...parts: Buffer[]) {
  const decoder = new Decoder(Buffer.concat([length(count), ...parts]))
  return singleHeaders(
    (decoder.readVarIntArray(readHeader) as { reduce(): Parameters<typeof singleHeaders>[0] }).reduce(),
  )
}

it('reads headers by name', () => {
  const { headers, flaw } = read(2, text('a'), text('1'), text('b'), text(''))
  expect([{ ...headers }, flaw]).toEqual([{ a: Buffer.from('1'), b: Buffer.from('') }, undefined])
})

it.each<[string, Buffer[], string]>([
  ['a header without a value', [text('a'), nothing], 'header a has no value'],
  [
    'a header without a value, and another of its name',
    [text('a'), nothing, text('a'), text('1')],
    'header a is there more than once',
  ],
  ['a header without a name, twice', [nothing, text('1'), text(''), text('2')], 'header  is there more than once'],
  ['a name that is not UTF-8', [text(Buffer.from([0xff])), text('1')], 'the name of a header is not UTF-8'],
  [
    '__proto__ twice',
    [text('__proto__'), text('1'), text('__proto__'), text('2')],
    '__proto__ is there more than once',
  ],
])('says what is wrong with %s', (_, parts, flaw) => {
  expect(read(parts.length / 2, ...parts).flaw).toContain(flaw)
})

it('keeps the first of a header that is repeated', () => {
  const { headers } = read(3, text('a'), text('1'), text('a'), text('2'), text('a'), text('3'))
  expect(headers['a']?.toString()).toBe('1')
})
