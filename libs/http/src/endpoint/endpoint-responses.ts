import { ApiResponse } from '@nestjs/swagger'
import { acceptedCommandSchema } from '../openapi/accepted-command.js'
import { openApiSchema } from '../openapi/schema.js'
import type { EndpointKind } from './endpoint-metadata.js'

/** Header of the log positions that a response reflects or wrote. */
export const positionHeader = 'Shiplog-Position'

/** A response of an endpoint, with a body in JSON unless `content` says otherwise. */
export interface ResponseDescription {
  description: string
  schema?: object
  example?: unknown
  /** Several examples, by name. */
  examples?: Record<string, unknown>
  headers?: Record<string, object>
  /** Bodies by media type, in place of one in JSON. */
  content?: Record<string, { schema: object; example?: unknown; examples?: Record<string, { value: unknown }> }>
}

/** A described response, or only the schema of its body, with its `description` and the first of its `examples`. */
export type EndpointResponse = ResponseDescription | (object & { description?: string; examples?: readonly unknown[] })

/** What the responses of an endpoint have in common. */
export interface ResponseTraits {
  kind?: EndpointKind | undefined
  /** The response is a page: `Link` has the URL of the next one. */
  paged?: boolean
  /** The response has an ETag. */
  tagged?: boolean
  /** The response is streamed: without positions and 202. */
  streamed?: boolean
  /** Members of the 202 of a write that identify what it concerns, with an `example` each; its schema has them all. */
  accepted?: Record<string, { example: unknown }>
}

type Responses = Record<number, EndpointResponse>

const text = (description: string) => ({ description, schema: { type: 'string' as const } })

const position = {
  read: text('Positions that the response reflects. Opaque; send it as `Shiplog-Min-Position`.'),
  write: text(
    'Log positions of the last events written. Opaque; send it as `Shiplog-Min-Position` to read your write.',
  ),
}
const entityTag = {
  read: text('Sent as `If-None-Match`, it gets 304 until the response changes.'),
  write: text('Revision of the resource. Send it as `If-Match` to change only this revision.'),
}
const link = text('`<URL>; rel="next"`: the next page; absent on the last one.')
const location = text('URL of the resource.')

/** Documents the responses of an endpoint, and the 202 of a write. */
export function documentedResponses(responses: Responses, traits: ResponseTraits): MethodDecorator[] {
  const headers = commonHeaders(responses, traits)
  const own = Object.entries(responses).map(([status, response]) => documented(Number(status), response, headers))
  const isWrite = traits.kind === 'write' && !traits.streamed
  return isWrite && !(202 in responses) ? [...own, accepted(traits.accepted)] : own
}

function commonHeaders(responses: Responses, traits: ResponseTraits): Record<string, object> {
  const { kind, paged, tagged, streamed } = traits
  if (!kind || streamed) return {}
  const hasTag = tagged && { ETag: entityTag[kind] }
  return {
    [positionHeader]: position[kind],
    ...(paged && { Link: link }),
    ...(201 in responses && { Location: location }),
    ...hasTag,
  }
}

function documented(status: number, response: EndpointResponse, common: Record<string, object>): MethodDecorator {
  const { description, schema, example, examples, headers, content } = describe(response)
  const isSuccess = status >= 200 && status < 300 && status !== 202
  const allHeaders = { ...(isSuccess && common), ...headers }
  const body = schema && {
    'application/json': {
      schema: openApiSchema(schema),
      ...(example !== undefined && { example }),
      ...(examples && { examples: namedExamples(examples) }),
    },
  }
  const bodies =
    content &&
    Object.fromEntries(
      Object.entries(content).map(([type, one]) => [type, { ...one, schema: openApiSchema(one.schema) }]),
    )
  return ApiResponse({
    status,
    description,
    ...(Object.keys(allHeaders).length > 0 && { headers: allHeaders }),
    ...((bodies ?? body) && { content: bodies ?? body }),
  } as Parameters<typeof ApiResponse>[0])
}

function describe(response: EndpointResponse): ResponseDescription {
  const isSchema = ['type', '$ref', 'oneOf', 'anyOf', 'allOf'].some(keyword => keyword in response)
  if (!isSchema) return response as ResponseDescription
  const { description = 'Success.', examples } = response as { description?: string; examples?: readonly unknown[] }
  return { description, schema: response, ...(examples && { example: examples[0] }) }
}

/** Values as the `examples` of OpenAPI. */
export function namedExamples(examples: Record<string, unknown>): Record<string, { value: unknown }> {
  return Object.fromEntries(Object.entries(examples).map(([name, value]) => [name, { value }]))
}

const commandId = '0198c0de-0000-7000-8000-00000000000c'

/** Documents the 202 of a write while Kafka is unavailable. */
function accepted(members: ResponseTraits['accepted'] = {}): MethodDecorator {
  const examples = Object.entries(members).map(([name, { example }]) => [name, example])
  return documented(
    202,
    {
      description:
        'Accepted: the command is appended when Kafka is available again. `Location` has the URL of its status.',
      headers: { Location: text('URL of the command status.') },
      schema: acceptedCommandSchema,
      example: {
        id: commandId,
        status: 'accepted',
        url: `/api/v1/commands/${commandId}`,
        ...Object.fromEntries(examples),
      },
    },
    {},
  )
}
