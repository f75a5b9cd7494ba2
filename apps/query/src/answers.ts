import type { FastifyReply, FastifyRequest } from 'fastify'
import { HttpProblem, positionHeader } from '#libs/http'
import type { Answer, JsonText, Page } from '#libs/read-models'

const JSON_TYPE = 'application/json; charset=utf-8'

/** Sends JSON as Postgres has made it. */
export function sendJson(reply: FastifyReply, { body, positions }: Answer<JsonText>): string {
  tellPositions(reply, positions)
  reply.type(JSON_TYPE)
  return body
}

/**
 * Sends a part of a list, with the URL of the next one. RFC 8288.
 *
 * @param asked parameters as they were understood, those that the clock has filled in: the next part is of the same list
 */
export function sendPage(
  request: FastifyRequest,
  reply: FastifyReply,
  { body, positions }: Answer<Page>,
  asked: Record<string, string> = {},
): string {
  if (body.next !== undefined) {
    const [path, search] = request.url.split('?', 2)
    const parameters = new URLSearchParams(search)
    for (const [name, value] of Object.entries({ ...asked, cursor: body.next })) parameters.set(name, value)
    reply.header('Link', `<${path}?${parameters.toString()}>; rel="next"`)
  }
  return sendJson(reply, { body: body.json, positions })
}

/** Sends one thing with its ETag; 304 where the caller has it. RFC 9110, 13.1.2. */
export function sendTagged(
  request: FastifyRequest,
  reply: FastifyReply,
  answer: Answer<JsonText>,
  tag: string,
): string | undefined {
  reply.header('ETag', tag)
  const held = request.headers['if-none-match']
  if (held === undefined || !(held.trim() === '*' || weakTags(held).includes(tag))) return sendJson(reply, answer)
  tellPositions(reply, answer.positions)
  reply.code(304)
  return undefined
}

/** What was found. Throws a 404 with this detail where nothing was, which reflects positions as any answer does. */
export function found<Body>(
  reply: FastifyReply,
  { body, positions }: Answer<Body | undefined>,
  missing: string,
): Answer<Body> {
  if (body !== undefined) return { body, positions }
  tellPositions(reply, positions)
  throw new HttpProblem(404, missing)
}

/** Says which positions an answer reflects. */
export function tellPositions(reply: FastifyReply, positions: string): void {
  if (positions !== '') reply.header(positionHeader, positions)
}

function weakTags(header: string): string[] {
  return header.split(',').map(tag => tag.trim().replace(/^W\//, ''))
}
