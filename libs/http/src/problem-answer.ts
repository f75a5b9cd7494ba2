import { type ArgumentsHost, Catch, type ExceptionFilter, NotFoundException } from '@nestjs/common'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Log } from '#libs/operations'
import { commonHeaders } from './answer-headers.js'
import { HttpProblem, type Problem } from './problem.js'
import { problemOf } from './problem-of.js'
import type { RouteTable } from './route-table.js'

/** The whole problem of a request, with the path and the id of that request. */
export function describeProblem(problem: HttpProblem, { url, id }: { url: string; id: string }): Problem {
  return { ...problem.toProblem(), instance: url.split('?', 1)[0] ?? url, requestId: id }
}

/** Answers requests with problems: the one place where an error becomes an HTTP answer. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(
    private readonly log: Log,
    private readonly routes: RouteTable,
  ) {}

  catch(exception: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp()
    const request = http.getRequest<FastifyRequest>()
    const cause =
      exception instanceof NotFoundException ? this.routes.problemOf(request.method, request.url) : exception
    this.answer(cause, request, http.getResponse<FastifyReply>())
  }

  /** Also for what Fastify refuses before there is a route. */
  answer(exception: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const problem = problemOf(exception)
    if (problem.getStatus() === 500) {
      this.log.error('a request failed', {
        requestId: request.id,
        method: request.method,
        route: request.routeOptions?.url,
        error: exception,
      })
    }
    if (reply.raw.headersSent) {
      // Half an answer is out: the only honest end is a broken connection.
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
