import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { cacheHeaders } from './response-headers.js'
import { pathOfTarget } from '../request/host-check.js'
import { describeProblem } from './problem-filter.js'
import { HttpProblem } from '../problem/problem.js'
import { requestIdOf } from '../request/request-id.js'

// Problem responses for requests that Node does not pass to Fastify.

/** Status and detail for errors of Node's HTTP parser, by code. */
const unreadable: Record<string, [status: number, detail: string]> = {
  HPE_HEADER_OVERFLOW: [431, 'The URL and the headers together exceed 16 KiB. Send fewer or shorter headers.'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, 'The chunk extensions of the body together exceed 16 KiB.'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The request did not arrive in time. Send it again.'],
}

/** Responds to an `Expect` other than 100-continue. */
export function respondToExpectation(request: IncomingMessage, response: ServerResponse): void {
  const problem = new HttpProblem(
    417,
    `The expectation ${request.headers.expect} is not supported. Send the request without \`Expect\`.`,
  )
  const id = requestIdOf(request)
  const body = JSON.stringify(describeProblem(problem, { url: request.url ?? '/', id }))
  response
    .writeHead(417, {
      ...cacheHeaders,
      'Content-Type': 'application/problem+json',
      'Content-Length': Buffer.byteLength(body),
      'X-Request-Id': id,
      Connection: 'close',
    })
    .end(body)
}

/** Refuses CONNECT. @param lingerMs time for the client to read the response */
export function refuseConnect(request: IncomingMessage, socket: Duplex, lingerMs: number): void {
  // Without a listener, an error of the socket would end the process.
  socket.on('error', () => socket.destroy())
  endWith(
    socket,
    new HttpProblem(405, 'CONNECT is not supported: this service is not a proxy.', { headers: { Allow: 'GET, HEAD' } }),
    { headers: request.headers },
    lingerMs,
  )
}

/** Connections with a response from here: further bytes are dropped. */
const responded = new WeakSet<Duplex>()

/** An error of Node's HTTP parser, with the bytes that it was given last. */
interface ParserError extends Error {
  code?: string
  bytesParsed?: number
  /** A Buffer, though not by Fastify's types. */
  rawPacket?: unknown
}

/** Responds to bytes that are not an HTTP request. @param lingerMs time for the client to read the response */
export function respondToUnreadable(error: ParserError, socket: Duplex, lingerMs: number): void {
  if (responded.has(socket)) return
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  responded.add(socket)
  const [status, detail] = unreadable[error.code ?? ''] ?? [400, 'The request is not well-formed HTTP.']
  endWith(socket, new HttpProblem(status, detail), { headers: {}, url: pathOf(error) }, lingerMs)
}

/** The path of a request whose head the parser has refused; `/` if the bytes at hand do not contain its first line. */
function pathOf({ rawPacket, bytesParsed = 0 }: ParserError): string {
  const head = Buffer.isBuffer(rawPacket) ? rawPacket.toString('latin1', 0, bytesParsed) : ''
  const start = head.lastIndexOf('\r\n\r\n')
  const line = /^[A-Z]+ (\S+) HTTP\/1\.[01]\r\n/.exec(start < 0 ? head : head.slice(start + 4))
  return pathOfTarget(line?.[1] ?? '/')
}

function endWith(
  socket: Duplex,
  problem: HttpProblem,
  request: Pick<IncomingMessage, 'headers' | 'url'>,
  lingerMs: number,
): void {
  const status = problem.getStatus()
  const id = requestIdOf(request)
  const body = JSON.stringify(describeProblem(problem, { url: request.url ?? '/', id }))
  const headers = {
    ...cacheHeaders,
    ...problem.headers,
    'Content-Type': 'application/problem+json',
    'Content-Length': Buffer.byteLength(body),
    'X-Request-Id': id,
    Connection: 'close',
  }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  // A client may never close its side.
  const timer = setTimeout(() => socket.destroy(), lingerMs)
  socket.once('close', () => clearTimeout(timer))
  socket.end([`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines, '', body].join('\r\n'))
}
