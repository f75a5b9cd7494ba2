import { type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import type { FastifyHttpOptions, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type Log, type Metrics, runInRequest } from '#libs/operations'
import { cacheHeaders, commonHeaders } from './answer-headers.js'
import { type BodyRouteConfig, contentTypeProblem, registerBodyParsers } from './content-type.js'
import { HostCheck, type HostSettings, pathOfTarget } from './host-check.js'
import { describeProblem, type ProblemFilter } from './problem-answer.js'
import { HttpProblem } from './problem.js'
import { requestIdOf } from './request-id.js'
import type { RouteTable } from './route-table.js'
import { urlProblem } from './url-check.js'

const BODY_LIMIT = 1024 * 1024
/** The longest key that is percent-encoded: 512 characters, up to 12 bytes each. */
const PATH_PARAMETER_LIMIT = 6144
const HEADERS_TIMEOUT_MS = 30_000

export interface AdapterParts {
  filter: ProblemFilter
  routes: RouteTable
  log: Log
  metrics: Metrics
  settings: HostSettings
}

/** Fastify as every app of ours runs it. */
export function makeFastifyAdapter({ filter, routes, log, metrics, settings }: AdapterParts): FastifyAdapter {
  const options: FastifyHttpOptions<Server> = {
    bodyLimit: BODY_LIMIT,
    // An import may last as long as its file; only the head of a request must come in time.
    requestTimeout: 0,
    // Node answers a missing Host by itself, without a problem: it is refused below instead.
    http: { headersTimeout: HEADERS_TIMEOUT_MS, requireHostHeader: false },
    trustProxy: false,
    requestIdHeader: false,
    genReqId: requestIdOf,
    return503OnClosing: false,
    rewriteUrl: ({ url = '/' }) => pathOfTarget(url),
    routerOptions: { maxParamLength: PATH_PARAMETER_LIMIT },
    frameworkErrors: (error, request, reply) => filter.answer(error, request, reply),
    clientErrorHandler: answerUnreadable,
  }
  const adapter = new FastifyAdapter(options)
  const fastify = adapter.getInstance() as unknown as FastifyInstance
  const hosts = new HostCheck(settings)
  registerBodyParsers(fastify)
  fastify.server.on('checkExpectation', answerExpectation)
  fastify.addHook('onRoute', route => {
    routes.add(route.method, route.url)
    const { largest } = (route.config ?? {}) as BodyRouteConfig
    if (largest !== undefined) route.bodyLimit = largest
  })
  fastify.addHook('onRequest', (request, reply, done) => {
    reply.headers(commonHeaders(request))
    const problem = hosts.problemOf(request) ?? urlProblem(request) ?? contentTypeProblem(request)
    if (problem) done(problem)
    else runInRequest({ requestId: request.id }, done)
  })
  fastify.addHook('onSend', (_request, reply, _payload, done) => {
    // The files of /docs come with another one.
    reply.header('Cache-Control', cacheHeaders['Cache-Control'])
    done()
  })
  fastify.addHook('onResponse', (request, reply, done) => {
    observe(request, reply, log, metrics)
    done()
  })
  endConnectionsOnClosing(fastify)
  return adapter
}

/** Closing waits for every connection, and one that was kept alive would last as long as its client likes. */
function endConnectionsOnClosing(fastify: FastifyInstance): void {
  let closing = false
  fastify.addHook('preClose', done => {
    closing = true
    done()
  })
  fastify.addHook('onSend', (_request, reply, _payload, done) => {
    if (closing) reply.header('Connection', 'close')
    done()
  })
  // An import has sent its headers long before; its connection is idle only when this event is over.
  fastify.addHook('onResponse', (_request, _reply, done) => {
    if (closing) setImmediate(() => fastify.server.closeIdleConnections())
    done()
  })
}

function observe(request: FastifyRequest, reply: FastifyReply, log: Log, metrics: Metrics): void {
  const { method, id } = request
  // The pattern, never the path: paths are without number, and carry what callers put in.
  const route = request.is404 ? 'unmatched' : (request.routeOptions.url ?? 'unmatched')
  const status = reply.statusCode
  const seconds = reply.elapsedTime / 1000
  metrics.httpRequestSeconds.observe({ method, route, status }, seconds)
  const fields = { requestId: id, method, route, status, milliseconds: Math.round(reply.elapsedTime * 10) / 10 }
  if (['/healthz', '/readyz', '/metrics'].includes(route)) log.debug('request', fields)
  else log.info('request', fields)
}

/** Answers an `Expect` other than 100-continue, which Node keeps from Fastify. */
function answerExpectation(request: IncomingMessage, response: ServerResponse): void {
  const problem = new HttpProblem(417, `Expect: ${request.headers.expect} cannot be met.`)
  const id = requestIdOf(request)
  response
    .writeHead(417, {
      ...cacheHeaders,
      'Content-Type': 'application/problem+json',
      'X-Request-Id': id,
      Connection: 'close',
    })
    .end(JSON.stringify(describeProblem(problem, { url: request.url ?? '/', id })))
}

/** Answers bytes that are no HTTP request: Node has no request object for them. */
function answerUnreadable(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const problem =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? new HttpProblem(431, 'The URL and headers are larger than 16 KiB together.')
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? new HttpProblem(408, 'The request took too long to arrive.')
        : new HttpProblem(400, 'This is not a well-formed HTTP request.')
  const status = problem.getStatus()
  const id = requestIdOf({ headers: {} })
  const body = JSON.stringify(describeProblem(problem, { url: '/', id }))
  socket.end(
    [
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
      'Content-Type: application/problem+json',
      `Content-Length: ${Buffer.byteLength(body)}`,
      `X-Request-Id: ${id}`,
      ...Object.entries(cacheHeaders).map(([name, value]) => `${name}: ${value}`),
      'Connection: close',
      '',
      body,
    ].join('\r\n'),
  )
}
