import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Log, Metrics } from '#libs/operations'
import { HttpProblem } from './problem.js'

/** Requests of one connection that wait for their answers at most. Browsers, curl and pools of connections send one at a time. */
const MOST_PIPELINED = 16
const WARN_EVERY_MS = 60_000

/** A request that is not answered yet. */
interface Exchange {
  response: ServerResponse
  /** Run when it is answered, or its connection is closed. */
  ends: (() => void)[]
}

type Exchanges = Map<IncomingMessage, Exchange>

/** What each connection has under way. */
export class Connections {
  private readonly exchanges = new WeakMap<Socket, Exchanges>()

  /** Begins an exchange. The problem of one that its connection has too many of: each costs memory, and the client need not read answers. */
  begin(request: IncomingMessage, response: ServerResponse): HttpProblem | undefined {
    const exchanges = this.exchanges.get(request.socket) ?? this.open(request.socket)
    exchanges.set(request, { response, ends: [] })
    const over = () => end(exchanges, request)
    response.once('finish', over).once('close', over)
    if (exchanges.size <= MOST_PIPELINED) return undefined
    const detail = `There are ${MOST_PIPELINED} requests on this connection already: wait for their answers.`
    return new HttpProblem(429, detail, { headers: { Connection: 'close', 'Retry-After': '1' } })
  }

  /** Calls back once when a request is answered, or will not be: at once where its connection is closed already. */
  whenOver(request: IncomingMessage, run: () => void): void {
    const exchange = this.exchanges.get(request.socket)?.get(request)
    if (exchange) exchange.ends.push(run)
    else run()
  }

  /** Whether bytes that make no request may be answered: behind a request that waits, the answer would be taken for its own. */
  isAnswerable(socket: Socket): boolean {
    const [first, ...others] = this.exchanges.get(socket) ?? []
    if (!first) return true
    const [request, { response }] = first
    return others.length === 0 && !request.complete && !response.headersSent
  }

  private open(socket: Socket): Exchanges {
    const exchanges: Exchanges = new Map()
    this.exchanges.set(socket, exchanges)
    socket.once('close', () => {
      for (const request of exchanges.keys()) end(exchanges, request)
    })
    return exchanges
  }
}

function end(exchanges: Exchanges, request: IncomingMessage): void {
  const exchange = exchanges.get(request)
  exchanges.delete(request)
  for (const run of exchange?.ends ?? []) run()
}

/**
 * Ends the connection of a request that is answered, where its body does not end within this time: closed at once, it might lose the
 * answer.
 */
export function endUnreadBody(request: IncomingMessage, withinMs: number): void {
  if (request.complete || request.destroyed) return
  const timer = setTimeout(() => request.destroy(), withinMs).unref()
  request.once('close', () => clearTimeout(timer))
}

/** Closes connections beyond so many as soon as they come, and makes room where kept ones are idle. */
export function limitConnections(server: Server, most: number, log: Log, metrics: Metrics): void {
  let warnAt = 0
  server.maxConnections = most
  server.on('drop', () => {
    metrics.httpConnectionsRefused.inc()
    server.closeIdleConnections()
    if (Date.now() < warnAt) return
    warnAt = Date.now() + WARN_EVERY_MS
    log.warn('too many connections: further ones are closed', { most })
  })
}
