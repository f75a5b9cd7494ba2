import type { FastifyInstance, FastifyRequest } from 'fastify'
import { type Access, type Authenticator, MalformedCredential, type Principal } from '#libs/auth'
import { currentRequest } from '#libs/operations'
import { headerProblem } from '../problem/problem.js'
import { readHeader } from './headers.js'

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by the authentication; `null` for a public route. */
    principal: Principal | null
  }
  interface FastifyContextConfig {
    /** Who may call the route. */
    access?: Access
  }
}

/** Authenticates each request of a route that is not public, before its body is read. */
export function authenticateRequests(fastify: FastifyInstance, authenticator: Authenticator): void {
  fastify.decorateRequest('principal', null)
  fastify.addHook('onRequest', async request => {
    const { access } = request.routeOptions.config
    if (!access || 'public' in access) return
    request.principal = await authenticate(request, authenticator)
    const context = currentRequest()
    if (context) context.tenant = request.principal.tenant
  })
}

async function authenticate(request: FastifyRequest, authenticator: Authenticator): Promise<Principal> {
  try {
    return await authenticator.authenticate(name => readHeader(request, name))
  } catch (error) {
    if (error instanceof MalformedCredential) throw headerProblem(error.header, error.message)
    throw error
  }
}

/** The principal of a request. Throws if the route is public, which is a fault of the program. */
export function principalOf({ principal, routeOptions: { method, url } }: FastifyRequest): Principal {
  if (principal) return principal
  throw new Error(`the public route ${String(method)} ${url} has no principal`)
}
