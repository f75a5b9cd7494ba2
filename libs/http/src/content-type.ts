import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { JsonBounds } from '#libs/contracts'
import { readHeader } from './headers.js'
import { bodyProblem, HttpProblem } from './problem.js'
import { parseStrictJson } from './json/strict-json.js'

const json = 'application/json'
const UTF8 = ['utf-8', 'utf8', 'us-ascii']
export const ndjson = 'application/x-ndjson'

/** How a route says which bodies it takes, with Nest's `@RouteConfig`. */
export interface BodyRouteConfig {
  /** One type or several; JSON where left out. What is neither JSON nor NDJSON comes as text. */
  consumes?: string | readonly string[]
  /** JSON comes as text too, and the route reads it. */
  jsonAsText?: boolean
  /** Bytes of the body at most; 1 MiB where left out. */
  largest?: number
  /** Depth and values of its JSON at most; `bodyBounds` where left out. */
  bounds?: JsonBounds
}

/** Registers the parsers of bodies: strict JSON as a whole, NDJSON as the stream that it is. */
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
  // What a route does not take was refused before: this is text, or a request without a body.
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

/** The media type of a request's body, without parameters, in lower case; empty where none is said. */
export function mediaTypeOf({ headers }: Pick<FastifyRequest, 'headers'>): string {
  return (headers['content-type'] ?? '').split(';', 1)[0]!.trim().toLowerCase()
}

/** 415 where a body is not of the type that the route takes; checked before a byte of it is read. Throws a 400 for a repeated Content-Type. */
export function contentTypeProblem(request: FastifyRequest): HttpProblem | undefined {
  const { headers, routeOptions } = request
  if (!hasBody(request) || request.is404) return undefined
  const { consumes: taken = json } = routeOptions.config as BodyRouteConfig
  const types = [taken].flat()
  const consumes = types.join(', ')
  const encoding = headers['content-encoding']
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    return refusal(`Send the body as it is: Content-Encoding ${encoding} is not taken.`, consumes)
  }
  const sent = readHeader(request, 'Content-Type') ?? ''
  const [type = '', ...parameters] = sent.split(';').map(part => part.trim().toLowerCase())
  if (!types.includes(type)) {
    const came = type === '' ? 'without a Content-Type' : `as ${type}`
    return refusal(`This call takes ${consumes}, but the body came ${came}.`, consumes)
  }
  const charset = parameters
    .filter(parameter => /^charset\s*=/.test(parameter))
    .map(parameter => parameter.replace(/^charset\s*=\s*/, '').replaceAll('"', ''))
    .find(name => !UTF8.includes(name))
  return charset === undefined
    ? undefined
    : refusal(`Send the body in UTF-8: charset ${charset} is not taken.`, consumes)
}

/** Whether a request has a body that is read. */
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
