import type { CanActivate, ExecutionContext } from '@nestjs/common'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { type Can, meets, permissionsOf, type Principal, type Requirement, type Scope } from '#libs/auth'
import { HttpProblem } from '../problem/problem.js'
import { principalOf } from '../request/principal.js'

/** Routes that do not belong to a controller: the API document and its page. */
const documentation = [
  '/openapi.json',
  '/docs',
  ...['', '*', 'index.html', 'LICENSE', 'swagger-ui-init.js', 'docs/swagger-ui-init.js'].map(file => `/docs/${file}`),
]

/** Refuses to add a route that does not declare who may call it. */
export function requireAccess(fastify: FastifyInstance): void {
  fastify.addHook('onRoute', ({ method, url, config }) => {
    if (config?.access || documentation.includes(url)) return
    throw new Error(
      `The route ${[method].flat().join(',')} ${url} declares neither \`permission\` nor \`public: true\`: add @Endpoint to its method.`,
    )
  })
}

/** Refuses what a principal may not do. */
export class RouteAccess implements CanActivate {
  constructor(private readonly can: Can) {}

  /** Global guard: whether the principal has the permission of the endpoint in any part of its tenant. */
  canActivate(context: ExecutionContext): boolean {
    if (context.getType() !== 'http') return true
    const request = context.switchToHttp().getRequest<FastifyRequest>()
    const { access } = request.routeOptions.config
    if (access && 'permission' in access) this.require(principalOf(request), access.permission, {})
    return true
  }

  /** Throws a 403 that names the permission and the scope unless the principal may act in the scope. */
  require(principal: Principal, requirement: Requirement, scope: Scope): void {
    if (meets(principal, requirement, scope, this.can)) return
    const names = permissionsOf(requirement).join(', ')
    const where = Object.entries(scope).map(([kind, name]) => ` in ${kind} ${name}`)
    throw new HttpProblem(
      403,
      `The permission ${names} is missing${where.join('')}. Ask an administrator of the tenant for it.`,
      {
        members: { permission: names, ...scope },
      },
    )
  }
}
