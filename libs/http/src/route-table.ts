import { HttpProblem } from './problem.js'

/** Which methods a path takes, so that a wrong method can be told from a wrong path. */
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

  /** What a request without a route is answered with: 405 where the path takes other methods, else 404. */
  problemOf(method: string, url: string): HttpProblem {
    const path = url.split('?', 1)[0] ?? url
    const allowed = [
      ...new Set(this.routes.filter(route => route.path.test(path)).map(route => route.method)),
    ].toSorted()
    // A route may find nothing: a file of the documentation.
    if (allowed.length === 0 || allowed.includes(method)) {
      return new HttpProblem(404, `There is nothing at ${path}. /docs shows all there is.`)
    }
    const list = allowed.join(', ')
    return new HttpProblem(405, `${path} does not take ${method}, only ${list}.`, { headers: { Allow: list } })
  }
}
