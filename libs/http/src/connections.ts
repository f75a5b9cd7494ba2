import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Log, Metrics } from '#libs/operations'
import { HttpProblem } from './problem.js'

/** Requests of one connection that wait for their answers at most. Browsers, curl and pools of connections send one at a time. */
const MOST_PIPELINED = 16
const WARN_EVERY_MS = 60_000

/** A request that is not answered yet. */
interface Exchange {
  request: IncomingMessage
  response: ServerResponse
  /** Until when its body must have come, and what is done else. */
  body?: { until: number; late(): void }
  /** Since when its client takes nothing of the answer that waits for it, and how many bytes had been sent to it then. */
  unread?: { since: number; sent: number | undefined }
  /** Run when it is answered, or its connection is closed. */
  ends: (() => void)[]
}

type Exchanges = Map<IncomingMessage, Exchange>

/**
 * What each connection has under way. It is looked at now and then, all at once: timers and listeners of each request would cost more than
 * all else here.
 */
export class Connections {
  private readonly byConnection = new WeakMap<Socket, Exchanges>()
  private readonly all = new Set<Exchange>()
  private readonly timer: NodeJS.Timeout

  /**
   * @param unreadMs how long a client may take to read an answer, or what there is of one that is a stream
   * @param lookEveryMs how late that, and a late body, may be noticed
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

  /** Begins an exchange. The problem of one that its connection has too many of: each costs memory, and the client need not read answers. */
  begin(request: IncomingMessage, response: ServerResponse): HttpProblem | undefined {
    const exchanges = this.byConnection.get(request.socket) ?? this.open(request.socket)
    const exchange: Exchange = { request, response, ends: [] }
    exchanges.set(request, exchange)
    this.all.add(exchange)
    if (exchanges.size <= MOST_PIPELINED) return undefined
    const detail = `There are ${MOST_PIPELINED} requests on this connection already: wait for their answers.`
    return new HttpProblem(429, detail, { headers: { Connection: 'close', 'Retry-After': '1' } })
  }

  /** To be called when a request is answered. */
  end(request: IncomingMessage): void {
    const exchanges = this.byConnection.get(request.socket)
    const exchange = exchanges?.get(request)
    if (exchange) this.finish(exchanges!, exchange)
  }

  /** Whether nothing else is under way on the connection of a request. */
  isAlone(request: IncomingMessage): boolean {
    return this.byConnection.get(request.socket)?.size === 1
  }

  /** Calls back where the body of a request is not there in time. */
  awaitBody(request: IncomingMessage, withinMs: number, late: () => void): void {
    const exchange = this.byConnection.get(request.socket)?.get(request)
    if (exchange) exchange.body = { until: performance.now() + withinMs, late }
  }

  /** Calls back once when a request is answered, or will not be: at once where its connection is closed already. */
  whenOver(request: IncomingMessage, run: () => void): void {
    const exchange = this.byConnection.get(request.socket)?.get(request)
    if (exchange) exchange.ends.push(run)
    else run()
  }

  /** Whether bytes that make no request may be answered: behind a request that waits, the answer would be taken for its own. */
  isAnswerable(socket: Socket): boolean {
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
    // A stream goes on when its client has read; of an answer that is complete, the rest has this time in all.
    const sent = writableEnded ? undefined : socket?.bytesWritten
    if (unread && unread.sent === sent) return now - unread.since >= this.unreadMs
    exchange.unread = { since: now, sent }
    return false
  }
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
