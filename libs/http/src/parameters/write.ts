import { createParamDecorator, type ExecutionContext } from '@nestjs/common'
import { ApiHeader } from '@nestjs/swagger'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { actorOf, identityPattern, type Principal } from '#libs/auth'
import type { CommandContext } from '#libs/contracts'
import { noteKind } from '../endpoint/endpoint-metadata.js'
import { documented } from '../openapi/documented.js'
import { readHeaderAs } from '../request/headers.js'
import { principalOf } from '../request/principal.js'
import { traceparentOf } from '../request/request-id.js'
import { pathOf } from '../request/url-check.js'
import { tenantHeader } from './read.js'

/** A request that changes something. */
export interface WriteRequest {
  principal: Principal
  /** What the events of its command record of it. */
  context: CommandContext
  /** Its Idempotency-Key, which holds for its method and path. */
  idempotency?: { scope: string; key: string }
  request: FastifyRequest
  reply: FastifyReply
}

const printable = /^[\x20-\x7e]{1,255}$/
const mustBePrintable = 'must be 1 to 255 printable ASCII characters'

/** Reads what a write needs of its request; throws a 400 that names a malformed header. */
function readWrite(request: FastifyRequest, reply: FastifyReply): WriteRequest {
  const principal = principalOf(request)
  const actor = actorOf(principal)
  const key = readHeaderAs(request, 'Idempotency-Key', printable, mustBePrintable)
  const correlationId = readHeaderAs(request, 'X-Correlation-Id', printable, mustBePrintable)
  const traceparent = traceparentOf(request)
  return {
    principal,
    context: {
      tenant: principal.tenant,
      ...(actor !== undefined && { actor }),
      correlationId: correlationId ?? request.id,
      ...(traceparent !== undefined && { traceparent }),
    },
    ...(key !== undefined && { idempotency: { scope: `${request.method} ${pathOf(request)}`, key } }),
    request,
    reply,
  }
}

const writeParameter = createParamDecorator((_: unknown, context: ExecutionContext) => {
  const http = context.switchToHttp()
  return readWrite(http.getRequest(), http.getResponse())
})

const header = (name: string, description: string, pattern: RegExp) =>
  ApiHeader({ name, description, required: false, schema: { type: 'string', pattern: pattern.source } })

/** Parameter `write: WriteRequest`. The route's reply is then the value that it returns, as without `@Res()`. */
export const Write = (): ParameterDecorator =>
  documented(
    writeParameter(),
    noteKind('write'),
    tenantHeader,
    header('X-User-ID', 'Id of the person or system that acts, without control characters.', identityPattern),
    header(
      'X-User-Email',
      'Email address of the person that acts, without control characters. The same id or the same address is the same person.',
      identityPattern,
    ),
    header(
      'X-Correlation-Id',
      'Printable ASCII, stored with every event of the request. Default: its `X-Request-Id`.',
      printable,
    ),
    header(
      'Idempotency-Key',
      'Printable ASCII. Makes a retry safe: a repeat with the same key, body and actor gets the first response again (200); ' +
        'with another body or actor it is refused (422).',
      printable,
    ),
  )
