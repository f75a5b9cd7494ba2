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

it('singleHeaders returns headers by name', () => {
  const { headers, flaw } = read(2, text('a'), text('1'), text('b'), text(''))
  expect([{ ...headers }, flaw]).toEqual([{ a: Buffer.from('1'), b: Buffer.from('') }, undefined])
})

it.each<[string, Buffer[], string]>([
  ['a header without a value', [text('a'), nothing], 'header a has no value'],
  [
    'a repeated header of which one has no value',
    [text('a'), nothing, text('a'), text('1')],
    'header a is there more than once',
  ],
  ['a repeated header without a name', [nothing, text('1'), text(''), text('2')], 'header  is there more than once'],
  ['a name that is not UTF-8', [text(Buffer.from([0xff])), text('1')], 'the name of a header is not UTF-8'],
  [
    'a repeated __proto__',
    [text('__proto__'), text('1'), text('__proto__'), text('2')],
    '__proto__ is there more than once',
  ],
])('singleHeaders reports %s', (_, parts, flaw) => {
  expect(read(parts.length / 2, ...parts).flaw).toContain(flaw)
})

it('singleHeaders keeps the first value of a repeated header', () => {
  const { headers } = read(3, text('a'), text('1'), text('a'), text('2'), text('a'), text('3'))
  expect(headers['a']?.toString()).toBe('1')
})
