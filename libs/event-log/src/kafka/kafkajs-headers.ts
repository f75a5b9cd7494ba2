import type { IHeaders } from 'kafkajs'
import Decoder from 'kafkajs/src/protocol/decoder.js'
import readHeader from 'kafkajs/src/protocol/recordBatch/header/v0/decoder.js'
import { shown } from '#libs/contracts'
import type { LogRecord } from './log-types.js'

/** Headers of a record that are read. The ledger writes at most 17. */
const MOST_HEADERS = 64

/** Where the headers of a record keep how many there are, if these are more than are read. */
const count = Symbol('number of headers')

type CountedHeaders = IHeaders & { [count]?: number }

/**
 * Has kafkajs read the headers of a record in linear time and as they are. kafkajs 2.2.4 copies all headers for each header
 * (protocol/recordBatch/record/v0/decoder), so that one record of 8 MiB would occupy the process for hours, and takes a
 * header that is named like a member of Object.prototype for a repeated one.
 */
export function readHeadersOnce(): void {
  const readArray = Decoder.prototype.readVarIntArray
  Decoder.prototype.readVarIntArray = function (read) {
    if (read !== readHeader) return readArray.call(this, read)
    // All that kafkajs does with the list is to reduce it to an object.
    return { reduce: () => readHeaders(this) }
  }
}

/** A header that is there more than once is an array of its values, as kafkajs has it; one without a value is `undefined`. */
function readHeaders(decoder: Decoder): CountedHeaders {
  const headers: CountedHeaders = Object.create(null)
  const length = decoder.readVarInt()
  for (let n = 0; n < Math.min(length, MOST_HEADERS); n++) {
    const name = decoder.readVarIntString() ?? ''
    const value = decoder.readVarIntBytes() ?? undefined
    headers[name] = name in headers ? ([headers[name], value].flat() as Buffer[]) : value
  }
  // Nothing follows the headers of a record: the others need not be read.
  if (length > MOST_HEADERS) headers[count] = length
  return headers
}

/** The headers of a record, the first one of each name, and what about them the ledger would not have written. */
export function singleHeaders(read: CountedHeaders = {}): Pick<LogRecord, 'headers' | 'flaw'> {
  const headers: LogRecord['headers'] = Object.create(null)
  let flaw = read[count] === undefined ? undefined : `there are ${read[count]} headers, more than ${MOST_HEADERS}`
  for (const name in read) {
    const value = read[name]
    const first = Array.isArray(value) ? value[0] : value
    if (Array.isArray(value)) flaw ??= `header ${shown(name)} is there more than once`
    else if (value === undefined) flaw ??= `header ${shown(name)} has no value`
    // What is no UTF-8 has become this character.
    if (name.includes('\uFFFD')) flaw ??= 'the name of a header is not UTF-8'
    headers[name] = Buffer.isBuffer(first) ? first : Buffer.from(first ?? '')
  }
  return { headers, flaw }
}
