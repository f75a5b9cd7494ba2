import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { cacheHeaders } from './answer-headers.js'
import { describeProblem } from './problem-answer.js'
import { HttpProblem } from './problem.js'
import { requestIdOf } from './request-id.js'

// What Node keeps from Fastify is answered with problems too.

/** What is said of errors of Node's parser, by their codes. */
const unreadable: Record<string, [status: number, detail: string]> = {
  HPE_HEADER_OVERFLOW: [431, 'The URL and headers are larger than 16 KiB together.'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, 'The extensions of the chunks of the body are larger than 16 KiB together.'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The request took too long to arrive.'],
}

/** Answers an `Expect` other than 100-continue. */
export function answerExpectation(request: IncomingMessage, response: ServerResponse): void {
  const problem = new HttpProblem(417, `Expect: ${request.headers.expect} cannot be met.`)
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

/** Answers CONNECT: this is no proxy. @param lingerMs how long the client may take to read that */
export function answerConnect(request: IncomingMessage, socket: Duplex, lingerMs: number): void {
  // Nothing listens to it any more; unheard, its error would end the process.
  socket.on('error', () => socket.destroy())
  endWith(
    socket,
    new HttpProblem(405, 'This service takes no CONNECT.', { headers: { Allow: 'GET, HEAD' } }),
    request,
    lingerMs,
  )
}

/** Connections that were answered here: what still comes on them is read and dropped. */
const answered = new WeakSet<Duplex>()

/** Answers bytes that are no HTTP request. @param lingerMs how long the client may take to read that */
export function answerUnreadable(error: Error & { code?: string }, socket: Duplex, lingerMs: number): void {
  if (answered.has(socket)) return
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  answered.add(socket)
  const [status, detail] = unreadable[error.code ?? ''] ?? [400, 'This is not a well-formed HTTP request.']
  endWith(socket, new HttpProblem(status, detail), { headers: {} }, lingerMs)
}

function endWith(
  socket: Duplex,
  problem: HttpProblem,
  request: Pick<IncomingMessage, 'headers'>,
  lingerMs: number,
): void {
  const status = problem.getStatus()
  const id = requestIdOf(request)
  const body = JSON.stringify(describeProblem(problem, { url: '/', id }))
  const headers = {
    ...cacheHeaders,
    ...problem.headers,
    'Content-Type': 'application/problem+json',
    'Content-Length': Buffer.byteLength(body),
    'X-Request-Id': id,
    Connection: 'close',
  }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  // A client may leave its side open for ever.
  const timer = setTimeout(() => socket.destroy(), lingerMs)
  socket.once('close', () => clearTimeout(timer))
  socket.end([`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines, '', body].join('\r\n'))
}
