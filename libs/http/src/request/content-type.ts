import type { FastifyInstance, FastifyRequest } from 'fastify'
import { type JsonBounds, parseStrictJson } from '#libs/contracts'
import { readHeader } from './headers.js'
import { bodyProblem, HttpProblem } from '../problem/problem.js'

const json = 'application/json'
const UTF8 = ['utf-8', 'utf8', 'us-ascii']
export const ndjson = 'application/x-ndjson'

/** The bodies that a route accepts, declared with `@Endpoint`. */
export interface BodyRouteConfig {
  /** One media type or several; default JSON. A type other than JSON and NDJSON is passed as text. */
  consumes?: string | readonly string[]
  /** JSON is passed as text, too: the route parses it. */
  jsonAsText?: boolean
  /** Bytes of the body at most; default 1 MiB. */
  largest?: number
  /** Depth and number of values of its JSON at most; default `bodyBounds`. */
  bounds?: JsonBounds
}

/** Registers the body parsers: strict JSON, NDJSON as a stream, any other type as text. */
export function registerBodyParsers(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers()
  fastify.addContentTypeParser(json, { parseAs: 'buffer' }, (request, body, done) => {
    const bytes = body as Buffer
    if (bytes.length === 0) return done(null, undefined)
    const { bounds, jsonAsText } = request.routeOptions.config as BodyRouteConfig
    if (jsonAsText) return decodeText(bytes, done)
    const parsed = parseStrictJson(bytes, bounds)
    if ('finding' in parsed) done(bodyProblem([parsed.finding]))
    else done(null, parsed.value)
  })
  fastify.addContentTypeParser(ndjson, (_request, payload, done) => done(null, payload))
  // Unsupported types were refused earlier: this is text, or an empty body.
  fastify.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => {
    const bytes = body as Buffer
    if (bytes.length === 0) done(null, undefined)
    else decodeText(bytes, done)
  })
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

function decodeText(bytes: Buffer, done: (error: Error | null, text?: string) => void): void {
  let text: string
  try {
    text = utf8.decode(bytes)
  } catch {
    return done(bodyProblem([{ pointer: '', detail: 'is not valid UTF-8' }]))
  }
  done(null, text)
}

/** The media type of a request's body, without parameters, in lower case; empty without a Content-Type. */
export function mediaTypeOf({ headers }: Pick<FastifyRequest, 'headers'>): string {
  return (headers['content-type'] ?? '').split(';', 1)[0]!.trim().toLowerCase()
}

/** A 415 if the route does not accept the body's type, found before the body is read. Throws a 400 for a repeated Content-Type. */
export function contentTypeProblem(request: FastifyRequest): HttpProblem | undefined {
  const { headers, routeOptions } = request
  if (!hasBody(request) || request.is404) return undefined
  const { consumes: taken = json } = routeOptions.config as BodyRouteConfig
  const types = [taken].flat()
  const consumes = types.join(', ')
  const encoding = headers['content-encoding']
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    return refusal(`The Content-Encoding ${encoding} is not supported. Send the body without an encoding.`, consumes)
  }
  const sent = readHeader(request, 'Content-Type') ?? ''
  const [type = '', ...parameters] = sent.split(';').map(part => part.trim().toLowerCase())
  if (!types.includes(type)) {
    const came = type === '' ? 'has no Content-Type' : `is ${type}`
    return refusal(`The body ${came}. This operation accepts ${consumes}.`, consumes)
  }
  const charset = parameters
    .filter(parameter => /^charset\s*=/.test(parameter))
    .map(parameter => parameter.replace(/^charset\s*=\s*/, '').replaceAll('"', ''))
    .find(name => !UTF8.includes(name))
  return charset === undefined
    ? undefined
    : refusal(`The charset ${charset} is not supported. Send the body in UTF-8.`, consumes)
}

/** Whether a request has a body that the server reads. */
export function hasBody({ method, headers }: FastifyRequest): boolean {
  if (method === 'GET' || method === 'HEAD') return false
  if (headers['transfer-encoding'] !== undefined) return true
  return headers['content-length'] !== undefined && headers['content-length'] !== '0'
}

function refusal(detail: string, consumes: string): HttpProblem {
  return new HttpProblem(415, detail, {
    errors: [{ header: 'Content-Type', detail: `must be ${consumes.replace(/, ([^,]*)$/, ' or $1')}` }],
    headers: { Accept: consumes },
  })
}
