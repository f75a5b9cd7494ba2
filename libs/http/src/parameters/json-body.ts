import { Body, createParamDecorator, type ExecutionContext, type PipeTransform } from '@nestjs/common'
import { ApiBody } from '@nestjs/swagger'
import type { FastifyRequest } from 'fastify'
import { compileSchema } from '#libs/contracts'
import { bodyOf, type CheckedBody } from '../endpoint/endpoint-metadata.js'
import { documented } from '../openapi/documented.js'
import { openApiSchema } from '../openapi/schema.js'
import { bodyProblem } from '../problem/problem.js'

interface SentBody extends CheckedBody {
  body: unknown
}

/** Validates a parsed body by the schema of its endpoint; throws a 400 with a pointer for each finding. */
class JsonBodyPipe implements PipeTransform<SentBody> {
  transform({ body: sent, validate, optional }: SentBody): unknown {
    const body = sent === undefined && optional ? {} : sent
    if (body === undefined) throw bodyProblem([{ pointer: '', detail: 'is missing: send a JSON object' }])
    const findings = validate(body)
    if (findings.length > 0) throw bodyProblem(findings)
    return body
  }
}

const bodyParameter = createParamDecorator((_: unknown, context: ExecutionContext): SentBody => {
  const { body } = context.switchToHttp().getRequest<FastifyRequest>()
  return { body, ...bodyOf(context.getHandler()) }
})

interface JsonBodyOptions {
  optional?: boolean
  description?: string
  examples?: Record<string, object>
}

/** Parameter: the request's JSON body, validated by the schema of the route's `@Endpoint`, or by its own. */
export function JsonBody(schema?: object, options: JsonBodyOptions = {}): ParameterDecorator {
  if (!schema) return bodyParameter(new JsonBodyPipe())
  const { optional = false, description, examples } = options
  const validate = compileSchema(schema)
  const pipe = { transform: (body: unknown) => new JsonBodyPipe().transform({ body, validate, optional }) }
  return documented(
    Body(pipe),
    ApiBody({
      required: !optional,
      schema: openApiSchema(schema),
      ...(description !== undefined && { description }),
      ...(examples && {
        examples: Object.fromEntries(Object.entries(examples).map(([name, value]) => [name, { value }])),
      }),
    }),
  )
}
