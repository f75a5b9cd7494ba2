import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Logger, Metrics } from '#libs/operations'
import { HttpProblem } from '../problem/problem.js'

/** Pending requests of one connection at most. Browsers, curl and connection pools send one at a time. */
const MOST_PIPELINED = 16
const WARN_EVERY_MS = 60_000

/** A pending request and its response. */
interface Exchange {
  request: IncomingMessage
  response: ServerResponse
  /** Deadline for the body, and what runs when it passes. */
  body?: { until: number; late(): void }
  /** Since when the client has read nothing of the response, and how many bytes had been sent by then. */
  unread?: { since: number; sent: number | undefined }
  /** Callbacks for the end of the response, or of the connection. */
  ends: (() => void)[]
}

type Exchanges = Map<IncomingMessage, Exchange>

/**
 * The pending requests of each connection. One timer checks all of them: a timer and listeners for each request would cost more than
 * everything else here.
 */
export class Connections {
  private readonly byConnection = new WeakMap<Socket, Exchanges>()
  private readonly all = new Set<Exchange>()
  private readonly timer: NodeJS.Timeout

  /**
   * @param unreadMs time within which a client must read a response, or the sent part of a streamed one
   * @param lookEveryMs interval of the checks: by how much a deadline may be missed
   */
  constructor(
    private readonly unreadMs: number,
    lookEveryMs: number,
  ) {
    this.timer = setInterval(() => this.look(performance.now()), lookEveryMs).unref()
  }

  close(): void {
    clearInterval(this.timer)
  }

  /** Registers a request. Returns a 429 if its connection has too many pending ones: each costs memory, and the client need not read responses. */
  begin(request: IncomingMessage, response: ServerResponse): HttpProblem | undefined {
    const exchanges = this.byConnection.get(request.socket) ?? this.open(request.socket)
    const exchange: Exchange = { request, response, ends: [] }
    exchanges.set(request, exchange)
    this.all.add(exchange)
    if (exchanges.size <= MOST_PIPELINED) return undefined
    const detail = `This connection has ${MOST_PIPELINED} pending requests. Wait for their responses.`
    return new HttpProblem(429, detail, { headers: { Connection: 'close', 'Retry-After': '1' } })
  }

  /** Removes a request whose response was sent. */
  end(request: IncomingMessage): void {
    const exchanges = this.byConnection.get(request.socket)
    const exchange = exchanges?.get(request)
    if (exchange) this.finish(exchanges!, exchange)
  }

  /** Whether a request is the only pending one of its connection. */
  isAlone(request: IncomingMessage): boolean {
    return this.byConnection.get(request.socket)?.size === 1
  }

  /** Calls `late` unless the body of a request arrives in time. */
  awaitBody(request: IncomingMessage, withinMs: number, late: () => void): void {
    const exchange = this.byConnection.get(request.socket)?.get(request)
    if (exchange) exchange.body = { until: performance.now() + withinMs, late }
  }

  /** Calls `run` once the response was sent or the connection closed; immediately if the connection is closed already. */
  whenOver(request: IncomingMessage, run: () => void): void {
    const exchange = this.byConnection.get(request.socket)?.get(request)
    if (exchange) exchange.ends.push(run)
    else run()
  }

  /** Whether unparsable bytes may have a response: after a pending request, the client would take it for the response to that request. */
  canRespond(socket: Socket): boolean {
    const [first, ...others] = this.byConnection.get(socket)?.values() ?? []
    return !first || (others.length === 0 && !first.request.complete && !first.response.headersSent)
  }

  private open(socket: Socket): Exchanges {
    const exchanges: Exchanges = new Map()
    this.byConnection.set(socket, exchanges)
    socket.once('close', () => {
      for (const exchange of exchanges.values()) this.finish(exchanges, exchange)
    })
    return exchanges
  }

  private finish(exchanges: Exchanges, exchange: Exchange): void {
    exchanges.delete(exchange.request)
    this.all.delete(exchange)
    for (const run of exchange.ends) run()
  }

  private look(now: number): void {
    for (const exchange of this.all) {
      const { request, body } = exchange
      if (body && now >= body.until) {
        delete exchange.body
        if (!request.complete) body.late()
      }
      if (this.isUnread(exchange, now)) request.socket.destroy()
    }
  }

  private isUnread(exchange: Exchange, now: number): boolean {
    const { response, unread } = exchange
    const { headersSent, writableEnded, writableNeedDrain, writableFinished, socket } = response
    if (!headersSent || writableFinished || !(writableEnded || writableNeedDrain)) {
      delete exchange.unread
      return false
    }
    // A stream continues as its client reads, which restarts the time; a complete response has this time in total.
    const sent = writableEnded ? undefined : socket?.bytesWritten
    if (unread && unread.sent === sent) return now - unread.since >= this.unreadMs
    exchange.unread = { since: now, sent }
    return false
  }
}

/**
 * Closes the connection of a finished request whose body does not end within this time. Closed immediately, it might lose the
 * response.
 */
export function endUnreadBody(request: IncomingMessage, withinMs: number): void {
  if (request.complete || request.destroyed) return
  const timer = setTimeout(() => request.destroy(), withinMs).unref()
  request.once('close', () => clearTimeout(timer))
}

/** Closes new connections beyond a maximum, and idle ones to make room. */
export function limitConnections(server: Server, most: number, log: Logger, metrics: Metrics): void {
  let warnAt = 0
  server.maxConnections = most
  server.on('drop', () => {
    metrics.httpConnectionsRefused.inc()
    server.closeIdleConnections()
    if (Date.now() < warnAt) return
    warnAt = Date.now() + WARN_EVERY_MS
    log.warn('too many connections: new ones are closed', { event: 'http.connections_refused', most })
  })
}
