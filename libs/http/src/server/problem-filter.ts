import { type ArgumentsHost, Catch, type ExceptionFilter, NotFoundException } from '@nestjs/common'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Logger } from '#libs/operations'
import { commonHeaders } from './response-headers.js'
import { HttpProblem, type Problem } from '../problem/problem.js'
import { problemOf } from '../problem/problem-of.js'
import { pathOf } from '../request/url-check.js'
import type { RouteTable } from './route-table.js'

/** The complete problem of a request, with its path and id. */
export function describeProblem(problem: HttpProblem, request: { url: string; id: string }): Problem {
  return { ...problem.toProblem(), instance: pathOf(request), requestId: request.id }
}

/** Turns every error into a problem response. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(
    private readonly log: Logger,
    private readonly routes: RouteTable,
  ) {}

  catch(exception: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp()
    const request = http.getRequest<FastifyRequest>()
    const cause =
      exception instanceof NotFoundException ? this.routes.problemOf(request.method, request.url) : exception
    this.respond(cause, request, http.getResponse<FastifyReply>())
  }

  /** Called directly for requests that Fastify rejects before it has chosen a route. */
  respond(exception: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const problem = problemOf(exception)
    if (problem.getStatus() === 500) {
      this.log.error('request failed', {
        event: 'http.request_failed',
        requestId: request.id,
        method: request.method,
        route: request.routeOptions?.url,
        error: exception,
      })
    }
    if (reply.raw.headersSent) {
      // Part of the response is sent: only a broken connection tells the client that the rest is missing.
      reply.raw.destroy()
      return
    }
    void reply
      .code(problem.getStatus())
      .headers({ ...commonHeaders(request), ...problem.headers })
      .type('application/problem+json')
      .send(JSON.stringify(describeProblem(problem, request)))
  }
}
