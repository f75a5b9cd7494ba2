import type { FastifyRequest } from 'fastify'
import { headerProblem } from '../problem/problem.js'

const utf8 = new TextDecoder('utf-8', { fatal: true })

/**
 * Reads a header that may occur once; `undefined` if it is absent. Node decodes headers as Latin-1 and clients send UTF-8, so the
 * bytes are decoded again. Throws a 400 that names a header that is repeated or not valid UTF-8.
 */
export function readHeader(request: FastifyRequest, header: string): string | undefined {
  const name = header.toLowerCase()
  if (request.headers[name] === undefined) return undefined
  const { rawHeaders } = request.raw
  let value: string | undefined
  for (let n = 0; n < rawHeaders.length; n += 2) {
    const sent = rawHeaders[n]!
    if (sent.length !== name.length || sent.toLowerCase() !== name) continue
    if (value !== undefined) throw headerProblem(header, 'occurs more than once')
    value = rawHeaders[n + 1]
  }
  if (value === undefined || /^[\t\x20-\x7e]*$/.test(value)) return value
  try {
    return utf8.decode(Buffer.from(value, 'latin1'))
  } catch {
    throw headerProblem(header, 'is not valid UTF-8')
  }
}

/** Reads a header as `readHeader` does; throws a 400 unless it matches. `must` completes the sentence "The header X ...". */
export function readHeaderAs(request: FastifyRequest, header: string, form: RegExp, must: string): string | undefined {
  const value = readHeader(request, header)
  if (value !== undefined && !form.test(value)) throw headerProblem(header, must)
  return value
}
