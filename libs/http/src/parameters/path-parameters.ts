import { Param, type PipeTransform } from '@nestjs/common'
import { ApiParam } from '@nestjs/swagger'
import { compileSchema, isUuid, type Validator } from '#libs/contracts'
import { documented } from '../openapi/documented.js'
import { openApiSchema } from '../openapi/schema.js'
import { parameterProblem } from '../problem/problem.js'
import { NO_CONTROL } from '../request/url-check.js'

class UuidPipe implements PipeTransform<string, string> {
  constructor(private readonly name: string) {}

  transform(value: string): string {
    if (isUuid(value)) return value.toLowerCase()
    throw parameterProblem([
      { parameter: this.name, detail: 'must be a UUID, such as 0198c0de-0000-7000-8000-000000000001' },
    ])
  }
}

class TextPipe implements PipeTransform<string, string> {
  constructor(
    private readonly name: string,
    private readonly maxLength: number,
  ) {}

  transform(value: string): string {
    // Counted in code points, as JSON Schema does.
    const { length } = [...value]
    if (length >= 1 && length <= this.maxLength) return value
    throw parameterProblem([{ parameter: this.name, detail: `must have 1 to ${this.maxLength} characters` }])
  }
}

class NamePipe implements PipeTransform<string, string> {
  private readonly validate: Validator

  constructor(
    private readonly name: string,
    schema: object,
  ) {
    this.validate = compileSchema(schema)
  }

  transform(value: string): string {
    const [finding] = this.validate(value)
    if (finding) throw parameterProblem([{ parameter: this.name, detail: finding.detail }])
    return value
  }
}

/** Parameter: a UUID in the path, in lower case; throws a 400 for anything else. */
export function UuidPath(name: string, description: string): ParameterDecorator {
  return documented(
    Param(name, new UuidPipe(name)),
    ApiParam({ name, description, schema: { type: 'string', format: 'uuid' } }),
  )
}

/** Parameter: a percent-decoded segment of the path of 1 to `maxLength` characters; `%2F` stands for `/`. */
export function TextPath(name: string, description: string, maxLength = 256): ParameterDecorator {
  return documented(
    Param(name, new TextPipe(name, maxLength)),
    ApiParam({ name, description, schema: { type: 'string', minLength: 1, maxLength, pattern: NO_CONTROL } }),
  )
}

/** Parameter: a percent-decoded segment of the path, validated and documented by a JSON Schema. */
export function NamePath(name: string, description: string, schema: object): ParameterDecorator {
  return documented(
    Param(name, new NamePipe(name, schema)),
    ApiParam({ name, description, schema: openApiSchema(schema) as { type?: string } }),
  )
}
