import { createParamDecorator, type ExecutionContext } from '@nestjs/common'
import { ApiHeader } from '@nestjs/swagger'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { formatPositions, parsePositions, type Positions } from '#libs/contracts'
import { documented } from './documented.js'
import { readHeader } from './headers.js'
import { headerProblem } from './problem.js'

export const positionHeader = 'Shiplog-Position'
const minPositionHeader = 'Shiplog-Min-Position'

/** Says in an answer which log position it reflects, or wrote. */
export function setPositions(reply: FastifyReply, positions: Positions): void {
  if (positions.size > 0) reply.header(positionHeader, formatPositions(positions))
}

/** Reads `Shiplog-Min-Position`; throws a 400 where it is there and no position. */
function readMinPosition(request: FastifyRequest): Positions | undefined {
  const sent = readHeader(request, minPositionHeader)
  if (sent === undefined) return undefined
  const positions = parsePositions(sent)
  if (!positions) throw headerProblem(minPositionHeader, 'must be <partition>:<seq>, comma-separated, such as 3:17,5:2')
  return positions
}

const minPositionParameter = createParamDecorator((_: unknown, context: ExecutionContext) =>
  readMinPosition(context.switchToHttp().getRequest()),
)

/** Parameter `minimum: Positions | undefined`: what a read must reflect at least. */
export const MinPosition = (): ParameterDecorator =>
  documented(
    minPositionParameter(),
    ApiHeader({
      name: minPositionHeader,
      description: `What the answer must reflect at least: the ${positionHeader} of a write. Waits up to 2 s, else 503.`,
      required: false,
      schema: { type: 'string', examples: ['3:17'] },
    }),
  )
