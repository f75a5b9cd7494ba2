import type { IncomingMessage } from 'node:http'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Connections } from './connections.js'
import { hasBody, mediaTypeOf, ndjson } from '../request/content-type.js'
import type { ProblemFilter } from './problem-filter.js'
import { HttpProblem } from '../problem/problem.js'

/** Bytes of all bodies in memory at most, beyond `FREE_BYTES` of each. */
const MOST_BYTES = 64 * 1024 * 1024
/** Bytes that do not count, for the only request of a connection: ordinary bodies are accepted however many large ones there are. */
const FREE_BYTES = 64 * 1024

interface BodyLimitParts {
  connections: Connections
  filter: ProblemFilter
  /** Time within which a body must arrive. */
  timeoutMs: number
}

/**
 * Limits bodies that are read as a whole: the time until one has arrived (408), and the memory of all whose requests are pending
 * (503). The body of an import is a stream with limits of its own.
 */
export function limitBodies(fastify: FastifyInstance, { connections, filter, timeoutMs }: BodyLimitParts): void {
  let reserved = 0

  fastify.addHook('preParsing', (request, reply, payload, done) => {
    if (hasBody(request) && mediaTypeOf(request) !== ndjson) watch(request, reply)
    done(null, payload)
  })

  function watch(request: FastifyRequest, reply: FastifyReply): void {
    const { raw } = request
    const refuse = (problem: HttpProblem) => {
      // The rest is read and dropped, so that the client can read the response.
      raw.removeAllListeners('data').removeAllListeners('end').resume()
      // A body that was refused earlier, before its end, has had its response.
      if (!reply.sent) filter.respond(problem, request, reply)
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
      if (reserved + more > MOST_BYTES) return refuse(tooMuch())
      reserved += more
      counted += more
    }
    raw.on('data', add)
    connections.whenOver(raw, () => {
      // The rest of a body may arrive after its response.
      raw.off('data', add)
      reserved -= counted
    })
  }
}

function late(timeoutMs: number): HttpProblem {
  return new HttpProblem(408, `The body did not arrive within ${timeoutMs / 1000} s. Send the request again.`, {
    headers: { Connection: 'close' },
  })
}

function tooMuch(): HttpProblem {
  return new HttpProblem(503, 'Too many large bodies are being read. Try again later, or send smaller bodies.', {
    headers: { 'Retry-After': '1' },
  })
}
