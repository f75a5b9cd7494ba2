import type { IncomingMessage } from 'node:http'
import type { FastifyRequest } from 'fastify'
import { v7 as uuidv7 } from 'uuid'

/** The request's X-Request-Id if it has 1 to 128 printable ASCII characters, else a new UUIDv7. */
export function requestIdOf({ headers }: Pick<IncomingMessage, 'headers'>): string {
  const sent = headers['x-request-id']
  return typeof sent === 'string' && /^[\x21-\x7e]([\x20-\x7e]{0,126}[\x21-\x7e])?$/.test(sent) ? sent : uuidv7()
}

/** The request's traceparent; one that does not follow W3C Trace Context is ignored. */
export function traceparentOf({ headers }: Pick<IncomingMessage, 'headers'>): string | undefined {
  const sent = headers['traceparent']
  return typeof sent === 'string' && /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/.test(sent) ? sent : undefined
}

/** Headers that every response echoes. */
export function traceHeaders(request: FastifyRequest): Record<string, string> {
  const traceparent = traceparentOf(request)
  return { 'X-Request-Id': request.id, ...(traceparent !== undefined && { traceparent }) }
}
