import type { FastifyReply, FastifyRequest } from 'fastify'
import { formatPositions, type Positions } from '#libs/contracts'
import { positionHeader } from '../endpoint/endpoint-responses.js'
import { traceHeaders } from '../request/request-id.js'

/** Cache headers of every response: private to one client and tenant, and revalidated on each use (RFC 9111). */
export const cacheHeaders = { 'Cache-Control': 'private, no-cache', Vary: 'Authorization, X-Tenant-ID' } as const

/** Headers of every response. */
export function commonHeaders(request: FastifyRequest): Record<string, string> {
  return { ...traceHeaders(request), ...cacheHeaders }
}

/** Adds a request header to `Vary`. */
export function addVary(reply: FastifyReply, header: string): void {
  reply.header('Vary', `${cacheHeaders.Vary}, ${header}`)
}

/** Sets the response header with the log positions that the response reflects or wrote. */
export function setPositions(reply: FastifyReply, positions: Positions): void {
  if (positions.size > 0) reply.header(positionHeader, formatPositions(positions))
}
