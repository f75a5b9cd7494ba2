import type { Server } from 'node:http'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import type { FastifyHttpOptions, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Authenticator } from '#libs/auth'
import { type Logger, type Metrics, runInRequest } from '#libs/operations'
import { cacheHeaders, commonHeaders } from './response-headers.js'
import { limitBodies } from './body-limits.js'
import { Connections, endUnreadBody, limitConnections } from './connections.js'
import { type BodyRouteConfig, contentTypeProblem, registerBodyParsers } from '../request/content-type.js'
import { HostCheck, type HostSettings, pathOfTarget } from '../request/host-check.js'
import type { ProblemFilter } from './problem-filter.js'
import { refuseConnect, respondToExpectation, respondToUnreadable } from './raw-responses.js'
import { requestIdOf } from '../request/request-id.js'
import { authenticateRequests } from '../request/principal.js'
import { requireAccess } from '../endpoint/route-access.js'
import type { RouteTable } from './route-table.js'
import { urlProblem } from '../request/url-check.js'

const BODY_LIMIT = 1024 * 1024
/** Longest percent-encoded key: 512 characters of up to 12 bytes each. */
const PATH_PARAMETER_LIMIT = 6144
/** Longest interval of the checks for slow clients. */
const LOOK_EVERY_MS = 1000
/** Time for which a connection stays open for a client that still sends after its response. */
const LINGER_MS = 5000

/** Settings that concern connections and requests. */
export interface EdgeSettings extends HostSettings {
  maxConnections: number
  requestTimeoutMs: number
  responseTimeoutMs: number
}

export interface AdapterParts {
  filter: ProblemFilter
  routes: RouteTable
  log: Logger
  metrics: Metrics
  settings: EdgeSettings
  authenticator: Authenticator
}

/** Makes the Fastify adapter that all apps share. */
export function makeFastifyAdapter(parts: AdapterParts): FastifyAdapter {
  const { filter, routes, log, metrics, settings, authenticator } = parts
  const { maxConnections, requestTimeoutMs, responseTimeoutMs } = settings
  const lookEveryMs = Math.min(LOOK_EVERY_MS, requestTimeoutMs / 4, responseTimeoutMs / 4)
  const connections = new Connections(responseTimeoutMs, lookEveryMs)
  const lingerMs = Math.min(LINGER_MS, requestTimeoutMs)
  const options: FastifyHttpOptions<Server> = {
    bodyLimit: BODY_LIMIT,
    // Bodies have limits of their own, and an import may take as long as its file needs.
    requestTimeout: 0,
    http: {
      headersTimeout: requestTimeoutMs,
      connectionsCheckingInterval: lookEveryMs,
      // Node would respond without a problem document; HostCheck refuses a missing Host instead.
      requireHostHeader: false,
    },
    trustProxy: false,
    requestIdHeader: false,
    genReqId: requestIdOf,
    return503OnClosing: false,
    rewriteUrl: ({ url = '/' }) => pathOfTarget(url),
    routerOptions: { maxParamLength: PATH_PARAMETER_LIMIT },
    frameworkErrors: (error, request, reply) => filter.respond(error, request, reply),
    clientErrorHandler: (error, socket) => {
      if (connections.canRespond(socket)) respondToUnreadable(error, socket, lingerMs)
      else socket.destroy()
    },
  }
  const adapter = new FastifyAdapter(options)
  const fastify = adapter.getInstance() as unknown as FastifyInstance
  const hosts = new HostCheck(settings)
  registerBodyParsers(fastify)
  limitConnections(fastify.server, maxConnections, log, metrics)
  limitBodies(fastify, { connections, filter, timeoutMs: requestTimeoutMs })
  // No limit: Node would drop further headers silently, and their size is limited anyway.
  fastify.server.maxHeadersCount = 0
  fastify.server.on('checkExpectation', respondToExpectation)
  fastify.server.on('connect', (request, socket) => refuseConnect(request, socket, lingerMs))
  requireAccess(fastify)
  fastify.addHook('onRoute', route => {
    routes.add(route.method, route.url)
    const { largest } = (route.config ?? {}) as BodyRouteConfig
    if (largest !== undefined) route.bodyLimit = largest
  })
  fastify.addHook('onRequest', (request, reply, done) => {
    reply.headers(commonHeaders(request))
    const crowded = connections.begin(request.raw, reply.raw)
    const problem = crowded ?? hosts.problemOf(request) ?? urlProblem(request) ?? contentTypeProblem(request)
    if (problem) done(problem)
    else runInRequest({ requestId: request.id }, done)
  })
  authenticateRequests(fastify, authenticator)
  fastify.addHook('onSend', (_request, reply, _payload, done) => {
    // Replaces the header that the files of /docs have.
    reply.header('Cache-Control', cacheHeaders['Cache-Control'])
    done()
  })
  fastify.addHook('onResponse', (request, reply, done) => {
    connections.end(request.raw)
    endUnreadBody(request.raw, lingerMs)
    observe(request, reply, log, metrics)
    done()
  })
  endConnectionsOnClosing(fastify)
  fastify.addHook('onClose', async () => connections.close())
  return adapter
}

/** Ends keep-alive connections on closing, which would otherwise wait until their clients close them. */
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
  // An import sent its headers long before; its connection becomes idle only after this event.
  fastify.addHook('onResponse', (_request, _reply, done) => {
    if (closing) setImmediate(() => fastify.server.closeIdleConnections())
    done()
  })
}

function observe(request: FastifyRequest, reply: FastifyReply, log: Logger, metrics: Metrics): void {
  const { method, id } = request
  // The pattern, never the path: paths are unlimited in number and contain client data.
  const route = request.is404 ? 'unmatched' : (request.routeOptions.url ?? 'unmatched')
  const status = reply.statusCode
  const seconds = reply.elapsedTime / 1000
  metrics.httpRequestSeconds.observe({ method, route, status }, seconds)
  const milliseconds = Math.round(reply.elapsedTime * 10) / 10
  const fields = { event: 'http.request_completed', requestId: id, method, route, status, milliseconds }
  if (['/healthz', '/readyz', '/metrics'].includes(route)) log.debug('request completed', fields)
  else log.info('request completed', fields)
}
