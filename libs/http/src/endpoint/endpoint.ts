import { applyDecorators, HttpCode } from '@nestjs/common'
import { RouteConfig } from '@nestjs/platform-fastify'
import { ApiBody, ApiConsumes, ApiExcludeEndpoint, ApiOperation } from '@nestjs/swagger'
import type { Access } from '#libs/auth'
import { compileSchema } from '#libs/contracts'
import { Problems } from '../openapi/problem-responses.js'
import { openApiSchema } from '../openapi/schema.js'
import type { problemKinds } from '../problem/problem.js'
import type { BodyRouteConfig } from '../request/content-type.js'
import { kindOf, noteBody } from './endpoint-metadata.js'
import { documentedResponses, type EndpointResponse, namedExamples, type ResponseTraits } from './endpoint-responses.js'

/** The body of a request. */
export interface EndpointBody extends BodyRouteConfig {
  schema: object
  /** Examples by name. */
  examples?: Record<string, unknown>
  description?: string
  /** A missing or empty body counts as `{}`. */
  optional?: boolean
}

/** The text of a route in the API document. */
export interface EndpointText {
  /** Verb and noun; permanent, as generated clients name their functions by it. */
  operationId: string
  /** Verb and object, 60 characters at most. */
  summary: string
  description: string
}

interface DocumentedEndpoint extends EndpointText, Omit<ResponseTraits, 'kind'> {
  body?: EndpointBody
  /** Responses by status. Those of errors belong to `errors`. */
  responses: Record<number, EndpointResponse>
  /** Descriptions of problems by status, besides those that every operation may respond with. */
  errors?: Partial<Record<keyof typeof problemKinds, string>>
}

/** What a route does, who may call it, and its responses; `hidden`: it is not in the API document. */
export type EndpointOptions = Access & (DocumentedEndpoint | { hidden: true })

/** Description of the 503 that every read and every write may respond with. */
const unavailable = {
  read: 'PostgreSQL is unavailable, or the read models did not reach `Shiplog-Min-Position` within 2 seconds.',
  write: 'Postgres is unavailable, or the index is catching up with the log. Retry later.',
}

/**
 * Declares a route: its text, permission, body, responses and errors. It adds what all routes with `@Read()` or `@Write()` have in
 * common: the headers of responses, the 202 and the 503. Every route needs it: the start fails at one without access.
 */
export function Endpoint(options: EndpointOptions): MethodDecorator {
  return (target, key, descriptor) => {
    const decorators = 'hidden' in options ? [ApiExcludeEndpoint()] : documentation(options, descriptor.value as object)
    const { body } = options as Partial<DocumentedEndpoint>
    const access = 'public' in options ? { public: options.public } : { permission: options.permission }
    applyDecorators(...decorators, RouteConfig({ access, ...routeConfig(body) }))(target, key, descriptor)
  }
}

function documentation(options: DocumentedEndpoint, handler: object): MethodDecorator[] {
  const { operationId, summary, description, body, responses, errors, ...traits } = options
  const kind = kindOf(handler)
  const problems = { ...(kind && !traits.streamed && { 503: unavailable[kind] }), ...errors }
  return [
    ApiOperation({ operationId, summary, description }),
    ...success(responses),
    ...documentedResponses(responses, { ...traits, kind }),
    ...(body ? documentedBody(body, handler) : []),
    Problems(problems),
  ]
}

/** The status of a response that sets none: the lowest one that is documented. */
function success(responses: Record<number, EndpointResponse>): MethodDecorator[] {
  const statuses = Object.keys(responses).map(Number)
  return [HttpCode(Math.min(...statuses.filter(status => status < 300)))]
}

function documentedBody(body: EndpointBody, handler: object): MethodDecorator[] {
  const { schema, examples, description, optional = false, consumes } = body
  if (!consumes) noteBody(handler, { validate: compileSchema(schema), optional })
  return [
    ...(consumes ? [ApiConsumes(...[consumes].flat())] : []),
    ApiBody({
      required: !optional,
      schema: openApiSchema(schema),
      ...(description !== undefined && { description }),
      ...(examples && { examples: namedExamples(examples) as Record<string, { value: object }> }),
    }),
  ]
}

function routeConfig(body: EndpointBody | undefined): BodyRouteConfig {
  if (!body) return {}
  const { consumes, jsonAsText, largest, bounds } = body
  return {
    ...(consumes && { consumes }),
    ...(jsonAsText && { jsonAsText }),
    ...(largest !== undefined && { largest }),
    ...(bounds && { bounds }),
  }
}
