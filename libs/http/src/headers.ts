import type { FastifyRequest } from 'fastify'
import { headerProblem } from './problem.js'

const utf8 = new TextDecoder('utf-8', { fatal: true })

/**
 * A header that may come once, as text; `undefined` where it is absent. Node reads headers as Latin-1, callers send
 * UTF-8: the bytes are decoded again. Throws a 400 naming the header where it is repeated or no UTF-8.
 */
export function readHeader(request: FastifyRequest, header: string): string | undefined {
  const name = header.toLowerCase()
  if (request.headers[name] === undefined) return undefined
  const { rawHeaders } = request.raw
  let value: string | undefined
  for (let n = 0; n < rawHeaders.length; n += 2) {
    const sent = rawHeaders[n]!
    if (sent.length !== name.length || sent.toLowerCase() !== name) continue
    if (value !== undefined) throw headerProblem(header, 'is there more than once')
    value = rawHeaders[n + 1]
  }
  if (value === undefined || /^[\t\x20-\x7e]*$/.test(value)) return value
  try {
    return utf8.decode(Buffer.from(value, 'latin1'))
  } catch {
    throw headerProblem(header, 'is not valid UTF-8')
  }
}

/** The same, and it must match; `must` ends the sentence "The header X ...". */
export function readHeaderAs(request: FastifyRequest, header: string, form: RegExp, must: string): string | undefined {
  const value = readHeader(request, header)
  if (value !== undefined && !form.test(value)) throw headerProblem(header, must)
  return value
}
