import type { IncomingMessage } from 'node:http'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Connections } from './connections.js'
import { hasBody, mediaTypeOf, ndjson } from './content-type.js'
import type { ProblemFilter } from './problem-answer.js'
import { HttpProblem } from './problem.js'

/** Bytes of all bodies in memory at most, without the first ones of each. */
const MOST_BYTES = 64 * 1024 * 1024
/** Bytes of one body of a connection that do not count: ordinary bodies are taken, however many large ones there are. */
const FREE_BYTES = 64 * 1024

interface BodyLimitParts {
  connections: Connections
  filter: ProblemFilter
  /** How long a body may take to arrive. */
  timeoutMs: number
}

/**
 * Bounds what bodies cost that are read as a whole: the time until one is there (408), and the memory of all that are not answered
 * yet (503). An import's is read as it comes, and has its own limits.
 */
export function limitBodies(fastify: FastifyInstance, { connections, filter, timeoutMs }: BodyLimitParts): void {
  let held = 0

  fastify.addHook('preParsing', (request, reply, payload, done) => {
    if (hasBody(request) && mediaTypeOf(request) !== ndjson) watch(request, reply)
    done(null, payload)
  })

  function watch(request: FastifyRequest, reply: FastifyReply): void {
    const { raw } = request
    const refuse = (problem: HttpProblem) => {
      // The rest is read, so that the answer gets through, and dropped.
      raw.removeAllListeners('data').removeAllListeners('end').resume()
      // It was answered already where a body is refused that was not read to its end.
      if (!reply.sent) filter.answer(problem, request, reply)
    }
    connections.awaitBody(raw, timeoutMs, () => refuse(late(timeoutMs)))
    const free = connections.isAlone(raw) ? FREE_BYTES : 0
    if (Number(raw.headers['content-length'] ?? Infinity) > free) count(raw, free, refuse)
  }

  function count(raw: IncomingMessage, free: number, refuse: (problem: HttpProblem) => void): void {
    let received = 0
    let counted = 0
    const add = ({ length }: Buffer) => {
      received += length
      const more = Math.max(0, received - free) - counted
      if (held + more > MOST_BYTES) return refuse(tooMuch())
      held += more
      counted += more
    }
    raw.on('data', add)
    connections.whenOver(raw, () => {
      // More may still come of a body that was answered before its end.
      raw.off('data', add)
      held -= counted
    })
  }
}

function late(timeoutMs: number): HttpProblem {
  return new HttpProblem(408, `The body did not arrive within ${timeoutMs / 1000} s.`, {
    headers: { Connection: 'close' },
  })
}

function tooMuch(): HttpProblem {
  return new HttpProblem(503, 'Too many large bodies are being read: try again later, or send less at a time.', {
    headers: { 'Retry-After': '1' },
  })
}
