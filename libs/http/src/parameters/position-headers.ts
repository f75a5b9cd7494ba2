import { createParamDecorator, type ExecutionContext } from '@nestjs/common'
import { ApiHeader } from '@nestjs/swagger'
import type { FastifyRequest } from 'fastify'
import { parsePositions, type Positions } from '#libs/contracts'
import { positionHeader } from '../endpoint/endpoint-responses.js'
import { documented } from '../openapi/documented.js'
import { readHeader } from '../request/headers.js'
import { headerProblem } from '../problem/problem.js'

const minPositionHeader = 'Shiplog-Min-Position'

/** Reads `Shiplog-Min-Position`; throws a 400 if it is malformed. */
function readMinPosition(request: FastifyRequest): Positions | undefined {
  const sent = readHeader(request, minPositionHeader)
  if (sent === undefined) return undefined
  const positions = parsePositions(sent)
  if (!positions)
    throw headerProblem(minPositionHeader, 'must be the `Shiplog-Position` of a response, such as 3:17,5:2')
  return positions
}

const minPositionParameter = createParamDecorator((_: unknown, context: ExecutionContext) =>
  readMinPosition(context.switchToHttp().getRequest()),
)

/** Parameter `minimum: Positions | undefined`: positions that a read must reflect. */
export const MinPosition = (): ParameterDecorator =>
  documented(
    minPositionParameter(),
    ApiHeader({
      name: minPositionHeader,
      description: `Positions that the response must reflect: the \`${positionHeader}\` of earlier responses, such as that of a write. Opaque. The read waits for them for up to 2 seconds, then responds with 503.`,
      required: false,
      schema: { type: 'string', pattern: String.raw`^\s*\d{1,4}:\d{1,15}\s*(,\s*\d{1,4}:\d{1,15}\s*)*$` },
    }),
  )
