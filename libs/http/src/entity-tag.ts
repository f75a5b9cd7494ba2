import { createParamDecorator, type ExecutionContext } from '@nestjs/common'
import { ApiHeader } from '@nestjs/swagger'
import type { FastifyRequest } from 'fastify'
import { documented } from './documented.js'
import { readHeader } from './headers.js'
import { headerProblem } from './problem.js'

/** `ETag` of a revision (RFC 9110). */
export function entityTag(revision: number): string {
  return `"${revision}"`
}

/**
 * What a write says about the revision that it changes: `If-Match: "7"` that one, `If-Match: *` any, and
 * `If-None-Match: *` none at all, which is 0. Throws a 400 for anything else.
 */
function readIfMatch(request: FastifyRequest): number | '*' | undefined {
  const match = readHeader(request, 'If-Match')?.trim()
  const noneMatch = readHeader(request, 'If-None-Match')?.trim()
  if (noneMatch !== undefined) {
    if (noneMatch !== '*') throw headerProblem('If-None-Match', 'must be * in a write')
    if (match !== undefined) throw headerProblem('If-None-Match', 'contradicts If-Match: send one of them')
    return 0
  }
  if (match === undefined || match === '*') return match
  const tag = /^"(\d{1,15})"$/.exec(match)
  if (!tag) throw headerProblem('If-Match', 'must be * or one ETag of an answer, such as "7"')
  return Number(tag[1])
}

const ifMatchParameter = createParamDecorator((_: unknown, context: ExecutionContext) =>
  readIfMatch(context.switchToHttp().getRequest()),
)

/** Parameter `ifMatch: number | '*' | undefined`: the revision that a write is for. */
export const IfMatch = (): ParameterDecorator =>
  documented(
    ifMatchParameter(),
    ApiHeader({
      name: 'If-Match',
      description: 'The ETag that it must have; `*`: it must be there. Else 412.',
      required: false,
      schema: { type: 'string', examples: ['"7"'] },
    }),
    ApiHeader({
      name: 'If-None-Match',
      description: '`*`: it must not be there. Else 412.',
      required: false,
      schema: { type: 'string', enum: ['*'] },
    }),
  )
