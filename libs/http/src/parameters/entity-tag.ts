import { createHash } from 'node:crypto'
import { createParamDecorator, type ExecutionContext } from '@nestjs/common'
import { ApiHeader } from '@nestjs/swagger'
import type { FastifyRequest } from 'fastify'
import type { WantedRevision } from '#libs/contracts'
import { documented } from '../openapi/documented.js'
import { readHeader } from '../request/headers.js'
import { principalOf } from '../request/principal.js'
import { headerProblem } from '../problem/problem.js'

// ETags differ between tenants, so that no request gets a 304 for an ETag of another tenant.

const OF_TENANT = 11
const OF_CONTENT = 22

/**
 * `ETag` of a tenant's revision (RFC 9110).
 *
 * @param content the representation, if it may change without a new revision; a write compares the revision alone
 */
export function entityTag(tenant: string, revision: number, content?: string): string {
  return `"${revision}-${digest(tenant, OF_TENANT)}${content === undefined ? '' : digest(content, OF_CONTENT)}"`
}

/** `ETag` of a tenant's representation that has no revision. */
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
// A result of entityTag(), or a revision alone.
const REVISION = new RegExp(
  String.raw`(?<!W\/)"([1-9]\d{0,14})(?:-([\w-]{${OF_TENANT}})(?:[\w-]{${OF_CONTENT}})?)?"`,
  'g',
)

/**
 * The revisions that a write may change: those of the ETags in `If-Match`; any one for `If-Match: *`; and 0, which means that
 * the resource must not exist, for `If-None-Match: *`. A revision alone, such as `"7"`, stands for its ETag: responses contain it,
 * and earlier versions sent such ETags. Weak tags, tags of other tenants and tags without a revision match nothing. Throws a 400 for anything else.
 */
function readIfMatch(request: FastifyRequest): WantedRevision | undefined {
  const match = readHeader(request, 'If-Match')?.trim()
  const noneMatch = readHeader(request, 'If-None-Match')?.trim()
  if (noneMatch !== undefined) {
    if (noneMatch !== '*') throw headerProblem('If-None-Match', 'must be `*` in a write')
    if (match !== undefined) throw headerProblem('If-None-Match', 'contradicts `If-Match`: send only one of them')
    return [0]
  }
  if (match === undefined || match === '*') return match
  if (!TAGS.test(match)) throw headerProblem('If-Match', 'must be `*` or ETags of earlier responses, such as "7"')
  // REVISION excludes 0, which would mean that the resource must not exist.
  const own = digest(principalOf(request).tenant, OF_TENANT)
  return [...match.matchAll(REVISION)].flatMap(([, revision, of = own]) => (of === own ? [Number(revision)] : []))
}

const ifMatchParameter = createParamDecorator((_: unknown, context: ExecutionContext) =>
  readIfMatch(context.switchToHttp().getRequest()),
)

/** Parameter `ifMatch: WantedRevision | undefined`: the revision that a write requires. */
export const IfMatch = (): ParameterDecorator =>
  documented(
    ifMatchParameter(),
    ApiHeader({
      name: 'If-Match',
      description:
        'The ETag of the current representation, or its revision in quotes (`"7"`); `*` requires only that it exists. 412 on a mismatch.',
      required: false,
      schema: { type: 'string', pattern: `^\\s*(\\*|${TAG}(\\s*,\\s*${TAG})*)\\s*$` },
    }),
    ApiHeader({
      name: 'If-None-Match',
      description: '`*` requires that it does not exist yet. 412 on a mismatch.',
      required: false,
      schema: { type: 'string', enum: ['*'] },
    }),
  )
