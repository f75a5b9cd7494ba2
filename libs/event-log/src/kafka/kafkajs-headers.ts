import type { IHeaders } from 'kafkajs'
import Decoder from 'kafkajs/src/protocol/decoder.js'
import readHeader from 'kafkajs/src/protocol/recordBatch/header/v0/decoder.js'
import { printable } from '#libs/contracts'
import type { LogRecord } from './log-types.js'

/** Maximum number of headers that are read from a record. The ledger writes at most 17. */
const MOST_HEADERS = 64

/** The key under which headers store their number, if it exceeds the maximum. */
const count = Symbol('number of headers')

type CountedHeaders = IHeaders & { [count]?: number }

/**
 * Makes kafkajs read the headers of a record in linear time and unchanged. kafkajs 2.2.4 copies all headers for each header
 * (protocol/recordBatch/record/v0/decoder), so that one record of 8 MiB would block the process for hours, and treats a
 * header that is named like a member of Object.prototype as repeated.
 */
export function readHeadersOnce(): void {
  const readArray = Decoder.prototype.readVarIntArray
  Decoder.prototype.readVarIntArray = function (read) {
    if (read !== readHeader) return readArray.call(this, read)
    // kafkajs only reduces the list to an object.
    return { reduce: () => readHeaders(this) }
  }
}

/** As in kafkajs, a repeated header is an array of its values, and one without a value is `undefined`. */
function readHeaders(decoder: Decoder): CountedHeaders {
  const headers: CountedHeaders = Object.create(null)
  const length = decoder.readVarInt()
  for (let n = 0; n < Math.min(length, MOST_HEADERS); n++) {
    const name = decoder.readVarIntString() ?? ''
    const value = decoder.readVarIntBytes() ?? undefined
    headers[name] = name in headers ? ([headers[name], value].flat() as Buffer[]) : value
  }
  // Headers are the end of a record, so the others need not be read.
  if (length > MOST_HEADERS) headers[count] = length
  return headers
}

/** The headers of a record, the first one of each name, and the first flaw that the ledger would not have written. */
export function singleHeaders(read: CountedHeaders = {}): Pick<LogRecord, 'headers' | 'flaw'> {
  const headers: LogRecord['headers'] = Object.create(null)
  let flaw = read[count] === undefined ? undefined : `there are ${read[count]} headers, more than ${MOST_HEADERS}`
  for (const name in read) {
    const value = read[name]
    const first = Array.isArray(value) ? value[0] : value
    if (Array.isArray(value)) flaw ??= `header ${printable(name)} is there more than once`
    else if (value === undefined) flaw ??= `header ${printable(name)} has no value`
    // Decoding replaces invalid UTF-8 by this character.
    if (name.includes('\uFFFD')) flaw ??= 'the name of a header is not UTF-8'
    headers[name] = Buffer.isBuffer(first) ? first : Buffer.from(first ?? '')
  }
  return { headers, flaw }
}
