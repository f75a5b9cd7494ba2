import { ApiResponse } from '@nestjs/swagger'
import { recordedEventsSchema } from '#libs/api'
import { openApiSchema, positionHeader } from '#libs/http'

/** Description of the 503 of all reads. */
export const unavailable =
  'PostgreSQL is unavailable, or the read models did not reach `Shiplog-Min-Position` within 2 seconds.'

/** Problems of a read that always finds something: a list may be empty. */
export const listProblems = { 503: unavailable }

/** Schema of the events of a deployment or promotion. */
export const eventsSchema = recordedEventsSchema

const header = (description: string) => ({ description, schema: { type: 'string' as const } })

/**
 * Documents a 200 with JSON, and the header with the positions that it reflects.
 *
 * @param options `others`: examples of further forms of the response, by name
 */
export function ReadResponse(
  description: string,
  schema: object,
  example: unknown,
  {
    paged = false,
    tagged = false,
    others,
  }: { paged?: boolean; tagged?: boolean; others?: Record<string, unknown> } = {},
): MethodDecorator {
  const namedExamples = Object.entries({ example, ...others }).map(([name, value]) => [name, { value }])
  return ApiResponse({
    status: 200,
    description,
    headers: {
      [positionHeader]: header('Positions that the response reflects. Opaque; send it as `Shiplog-Min-Position`.'),
      ...(paged && { Link: header('`<URL>; rel="next"`: the next page; absent on the last one.') }),
      ...(tagged && {
        ETag: header('Sent as `If-None-Match`, it gets 304 until the response changes.'),
      }),
    },
    content: {
      'application/json': {
        schema: openApiSchema(schema),
        ...(others ? { examples: Object.fromEntries(namedExamples) } : { example }),
      },
    },
  })
}
