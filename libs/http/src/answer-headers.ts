import type { FastifyReply, FastifyRequest } from 'fastify'
import { traceHeaders } from './request-id.js'

/** What every answer says to caches: it is for one caller and one tenant, and to be asked for again each time (RFC 9111). */
export const cacheHeaders = { 'Cache-Control': 'private, no-cache', Vary: 'Authorization, X-Tenant-ID' } as const

/** What every answer carries. */
export function commonHeaders(request: FastifyRequest): Record<string, string> {
  return { ...traceHeaders(request), ...cacheHeaders }
}

/** Says that an answer depends on one more header of the request. */
export function addVary(reply: FastifyReply, header: string): void {
  reply.header('Vary', `${cacheHeaders.Vary}, ${header}`)
}
