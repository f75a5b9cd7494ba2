import type { FastifyReply } from 'fastify'
import { HttpProblem, positionHeader, type ReadRequest } from '#libs/http'
import type { QueryResult, JsonText, Page } from '#libs/read-models'

const JSON_TYPE = 'application/json; charset=utf-8'

/** Sends JSON that Postgres has generated. */
export function sendJson({ reply }: ReadRequest, { body, positions }: QueryResult<JsonText>): string {
  setPositionHeader(reply, positions)
  reply.type(JSON_TYPE)
  return body
}

/**
 * Sends one page of a list, with the URL of the next page (RFC 8288).
 *
 * @param defaulted parameters that the clock has defaulted, so that the next page belongs to the same list
 */
export function sendPage(
  read: ReadRequest,
  { body, positions }: QueryResult<Page>,
  defaulted: Record<string, string> = {},
): string {
  if (body.next !== undefined) {
    const [path, search] = read.request.url.split('?', 2)
    const parameters = new URLSearchParams(search)
    for (const [name, value] of Object.entries({ ...defaulted, cursor: body.next })) parameters.set(name, value)
    read.reply.header('Link', `<${path}?${parameters.toString()}>; rel="next"`)
  }
  return sendJson(read, { body: body.json, positions })
}

/** Sends a resource with its ETag; 304 if `If-None-Match` contains it (RFC 9110, 13.1.2). */
export function sendTagged(read: ReadRequest, response: QueryResult<JsonText>, tag: string): string | undefined {
  const { request, reply } = read
  reply.header('ETag', tag)
  const ifNoneMatch = request.headers['if-none-match']
  if (ifNoneMatch === undefined || !(ifNoneMatch.trim() === '*' || weakTags(ifNoneMatch).includes(tag)))
    return sendJson(read, response)
  setPositionHeader(reply, response.positions)
  reply.code(304)
  return undefined
}

/** The result of a read; throws a 404 with this detail, and with the positions, if it is empty. */
export function found<Body>(
  { reply }: ReadRequest,
  { body, positions }: QueryResult<Body | undefined>,
  missing: string,
): QueryResult<Body> {
  if (body !== undefined) return { body, positions }
  setPositionHeader(reply, positions)
  throw new HttpProblem(404, missing)
}

/** Sets the response header with the positions that a response reflects. */
export function setPositionHeader(reply: FastifyReply, positions: string): void {
  if (positions !== '') reply.header(positionHeader, positions)
}

function weakTags(header: string): string[] {
  return header.split(',').map(tag => tag.trim().replace(/^W\//, ''))
}
