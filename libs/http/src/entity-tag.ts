import { createHash } from 'node:crypto'
import { createParamDecorator, type ExecutionContext } from '@nestjs/common'
import { ApiHeader } from '@nestjs/swagger'
import type { FastifyRequest } from 'fastify'
import type { WantedRevision } from '#libs/contracts'
import { readTenant } from './caller.js'
import { documented } from './documented.js'
import { readHeader } from './headers.js'
import { headerProblem } from './problem.js'

// ETags differ between tenants, whatever they are of: nobody who holds one of another tenant's is told 304.

const OF_TENANT = 11
const OF_CONTENT = 22

/**
 * `ETag` of a tenant's revision (RFC 9110).
 *
 * @param content what is sent, where that changes without a new revision: a write is held to the revision alone
 */
export function entityTag(tenant: string, revision: number, content?: string): string {
  return `"${revision}-${digest(tenant, OF_TENANT)}${content === undefined ? '' : digest(content, OF_CONTENT)}"`
}

/** `ETag` of a tenant's representation of something that has no revision. */
export function contentTag(tenant: string, content: string): string {
  return `"${digest(
    `${tenant}
${content}`,
    OF_CONTENT,
  )}"`
}

function digest(text: string, characters: number): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, characters)
}

// RFC 9110, 8.8.3: any octets but quotes and controls.
const TAG = String.raw`(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"`
const TAGS = new RegExp(`^${TAG}(?:\\s*,\\s*${TAG})*$`)
// A revision, and the tenant whose it is: what entityTag() makes, or the revision alone.
const REVISION = new RegExp(
  String.raw`(?<!W\/)"([1-9]\d{0,14})(?:-([\w-]{${OF_TENANT}})(?:[\w-]{${OF_CONTENT}})?)?"`,
  'g',
)

/**
 * What a write says about the revision that it changes: `If-Match` with an ETag that one, or one of several; `If-Match: *` any, and
 * `If-None-Match: *` none at all, which is 0. A revision alone, `"7"`, is taken for its ETag: answers tell it, and ETags were so once. Weak
 * tags, those of other tenants and those that are no revision match nothing. Throws a 400 for anything else.
 */
function readIfMatch(request: FastifyRequest): WantedRevision | undefined {
  const match = readHeader(request, 'If-Match')?.trim()
  const noneMatch = readHeader(request, 'If-None-Match')?.trim()
  if (noneMatch !== undefined) {
    if (noneMatch !== '*') throw headerProblem('If-None-Match', 'must be * in a write')
    if (match !== undefined) throw headerProblem('If-None-Match', 'contradicts If-Match: send one of them')
    return [0]
  }
  if (match === undefined || match === '*') return match
  if (!TAGS.test(match)) throw headerProblem('If-Match', 'must be * or ETags of answers, such as "7"')
  // 0 is no revision that anything has: it would ask for none.
  const own = digest(readTenant(request), OF_TENANT)
  return [...match.matchAll(REVISION)].flatMap(([, revision, of = own]) => (of === own ? [Number(revision)] : []))
}

const ifMatchParameter = createParamDecorator((_: unknown, context: ExecutionContext) =>
  readIfMatch(context.switchToHttp().getRequest()),
)

/** Parameter `ifMatch: WantedRevision | undefined`: the revision that a write is for. */
export const IfMatch = (): ParameterDecorator =>
  documented(
    ifMatchParameter(),
    ApiHeader({
      name: 'If-Match',
      description: 'The ETag that it must have, or its revision; `*`: it must be there. Else 412.',
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
