import type { IncomingMessage } from 'node:http'
import type { FastifyRequest } from 'fastify'
import { v7 as uuidv7 } from 'uuid'

/** The caller's X-Request-Id where it is 1-128 printable ASCII characters, else a new UUIDv7. */
export function requestIdOf({ headers }: Pick<IncomingMessage, 'headers'>): string {
  const sent = headers['x-request-id']
  return typeof sent === 'string' && /^[\x21-\x7e]([\x20-\x7e]{0,126}[\x21-\x7e])?$/.test(sent) ? sent : uuidv7()
}

/** The caller's traceparent; one that is not of the form of W3C Trace Context is as if it were not there. */
export function traceparentOf({ headers }: Pick<IncomingMessage, 'headers'>): string | undefined {
  const sent = headers['traceparent']
  return typeof sent === 'string' && /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/.test(sent) ? sent : undefined
}

/** What every answer echoes. */
export function traceHeaders(request: FastifyRequest): Record<string, string> {
  const traceparent = traceparentOf(request)
  return { 'X-Request-Id': request.id, ...(traceparent !== undefined && { traceparent }) }
}
