import { HttpProblem } from '../problem/problem.js'
import { pathOf } from '../request/url-check.js'

/** The methods of each path, to distinguish a wrong method (405) from a wrong path (404). */
export class RouteTable {
  private readonly routes: { path: RegExp; method: string }[] = []

  /** Adds a route in Fastify's notation: `/deployments/:id`. */
  add(methods: string | string[], path: string): void {
    const source = path
      .split('/')
      .map(part =>
        part.startsWith(':') ? '[^/]+' : part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&').replace('\\*', '.*'),
      )
      .join('/')
    for (const method of [methods].flat()) this.routes.push({ path: new RegExp(`^${source}$`), method })
  }

  /** The problem of a request without a route: 405 if its path accepts other methods, else 404. */
  problemOf(method: string, url: string): HttpProblem {
    const path = pathOf({ url })
    const allowed = [
      ...new Set(this.routes.filter(route => route.path.test(path)).map(route => route.method)),
    ].toSorted()
    // A matching route that found nothing: a file below /docs.
    if (allowed.length === 0 || allowed.includes(method)) {
      return new HttpProblem(404, `The path ${path} does not exist. See /docs for all operations.`)
    }
    const list = allowed.join(', ')
    return new HttpProblem(405, `The path ${path} does not support ${method}. It supports ${list}.`, {
      headers: { Allow: list },
    })
  }
}
