import { createParamDecorator, type ExecutionContext } from '@nestjs/common'
import { ApiHeader } from '@nestjs/swagger'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Principal } from '#libs/auth'
import { parsePositions, type Positions, tenantPattern } from '#libs/contracts'
import { noteKind } from '../endpoint/endpoint-metadata.js'
import { positionHeader } from '../endpoint/endpoint-responses.js'
import { documented } from '../openapi/documented.js'
import { headerProblem } from '../problem/problem.js'
import { readHeader } from '../request/headers.js'
import { principalOf } from '../request/principal.js'

/** A request that reads from the read models. */
export interface ReadRequest {
  principal: Principal
  /** Positions that the response must reflect. */
  minPosition?: Positions
  request: FastifyRequest
  reply: FastifyReply
}

const minPositionHeader = 'Shiplog-Min-Position'

/** Documents the header that selects the tenant. */
export const tenantHeader = ApiHeader({
  name: 'X-Tenant-ID',
  description: 'The tenant whose data the request reads or changes.',
  required: false,
  schema: { type: 'string', pattern: tenantPattern.source, default: 'default' },
})

/** Reads what a read needs of its request; throws a 400 if `Shiplog-Min-Position` is malformed. */
function readRead(request: FastifyRequest, reply: FastifyReply): ReadRequest {
  const minPosition = readMinPosition(request)
  return { principal: principalOf(request), ...(minPosition && { minPosition }), request, reply }
}

function readMinPosition(request: FastifyRequest): Positions | undefined {
  const sent = readHeader(request, minPositionHeader)
  if (sent === undefined) return undefined
  const positions = parsePositions(sent)
  if (!positions)
    throw headerProblem(minPositionHeader, 'must be the `Shiplog-Position` of a response, such as 3:17,5:2')
  return positions
}

const readParameter = createParamDecorator((_: unknown, context: ExecutionContext) => {
  const http = context.switchToHttp()
  return readRead(http.getRequest(), http.getResponse())
})
const principalParameter = createParamDecorator((_: unknown, context: ExecutionContext) =>
  principalOf(context.switchToHttp().getRequest()),
)

/** Parameter `read: ReadRequest`. */
export const Read = (): ParameterDecorator =>
  documented(
    readParameter(),
    noteKind('read'),
    tenantHeader,
    ApiHeader({
      name: minPositionHeader,
      description: `Positions that the response must reflect: the \`${positionHeader}\` of earlier responses, such as that of a write. Opaque. The read waits for them for up to 2 seconds, then responds with 503.`,
      required: false,
      schema: { type: 'string', pattern: String.raw`^\s*\d{1,4}:\d{1,15}\s*(,\s*\d{1,4}:\d{1,15}\s*)*$` },
    }),
  )

/** Parameter `principal: Principal`, of a read that does not wait for positions. */
export const ReadPrincipal = (): ParameterDecorator => documented(principalParameter(), tenantHeader)
