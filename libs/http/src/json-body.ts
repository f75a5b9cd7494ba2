import { Body, type PipeTransform } from '@nestjs/common'
import { ApiBody } from '@nestjs/swagger'
import { compileSchema, type Validator } from '#libs/contracts'
import { documented } from './documented.js'
import { openApiSchema } from './open-api-schema.js'
import { bodyProblem } from './problem.js'

export interface JsonBodyOptions {
  /** The body may be left out, or be empty: it is `{}` then. */
  optional?: boolean
  description?: string
  /** Examples of the OpenAPI document, by name. */
  examples?: Record<string, object>
}

/** Checks a parsed body against a JSON Schema; throws a 400 with pointers where it does not fit. */
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

/** Parameter: the request's JSON body, valid by this schema and documented by it. */
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
