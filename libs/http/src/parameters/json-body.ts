import { Body, type PipeTransform } from '@nestjs/common'
import { ApiBody } from '@nestjs/swagger'
import { compileSchema, type Validator } from '#libs/contracts'
import { documented } from '../openapi/documented.js'
import { openApiSchema } from '../openapi/schema.js'
import { bodyProblem } from '../problem/problem.js'

export interface JsonBodyOptions {
  /** A missing or empty body counts as `{}`. */
  optional?: boolean
  description?: string
  /** Examples of the OpenAPI document, by name. */
  examples?: Record<string, object>
}

/** Validates a parsed body by a JSON Schema; throws a 400 with a pointer for each finding. */
class JsonBodyPipe implements PipeTransform {
  private readonly validate: Validator

  constructor(
    schema: object,
    private readonly optional = false,
  ) {
    this.validate = compileSchema(schema)
  }

  transform(value: unknown): unknown {
    const body = value === undefined && this.optional ? {} : value
    if (body === undefined) throw bodyProblem([{ pointer: '', detail: 'is missing: send a JSON object' }])
    const findings = this.validate(body)
    if (findings.length > 0) throw bodyProblem(findings)
    return body
  }
}

/** Parameter: the request's JSON body, validated and documented by a schema. */
export function JsonBody(
  schema: object,
  { optional = false, description, examples }: JsonBodyOptions = {},
): ParameterDecorator {
  return documented(
    Body(new JsonBodyPipe(schema, optional)),
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
