import { applyDecorators, type Type } from '@nestjs/common'
import { ApiProperty } from '@nestjs/swagger'
import { Transform } from 'class-transformer'
import {
  ArrayMaxSize,
  IsBoolean,
  IsDefined,
  IsIn,
  IsInt,
  IsOptional,
  Length,
  Matches,
  Max,
  Min,
  ValidateBy,
} from 'class-validator'
import { formatInstant, isUuid, parseInstant } from '#libs/contracts'
import { NO_CONTROL } from '../request/url-check.js'

/**
 * Options of the decorators below. Each decorates one property of a query class and defines how the query parameter is parsed,
 * validated and documented. An omitted parameter is `undefined`, or the default that the class sets.
 */
interface ParameterOptions {
  description: string
  /** Omitting the parameter is a 400. */
  required?: boolean
  /** Prefilled in the documentation: for required parameters only, as a filter would hide the caller's data. */
  example?: string
}

const repeatable = Symbol('repeatable parameters')

/** Whether a query class accepts a parameter more than once. */
export function isRepeatable(type: Type<object>, parameter: string): boolean {
  return (Reflect.getMetadata(repeatable, type.prototype) as Set<string> | undefined)?.has(parameter) ?? false
}

/** Accepts a parameter more than once, as an array of its values. */
function Repeated(): PropertyDecorator {
  return applyDecorators(
    (target: object, key: string | symbol) => {
      const known = (Reflect.getMetadata(repeatable, target) as Set<string> | undefined) ?? []
      Reflect.defineMetadata(repeatable, new Set([...known, String(key)]), target)
    },
    Transform(({ value }) => (value === undefined ? undefined : [value].flat())),
  )
}

const documentation = ({ description, required = false, example }: ParameterOptions, schema: object) =>
  ApiProperty({ description, required, ...(example !== undefined && { example }), ...schema })

const presence = ({ required }: ParameterOptions) => (required ? IsDefined({ message: 'is required' }) : IsOptional())

/** Text of 1 to `maxLength` characters, none of them a control character (`urlProblem` refuses these). */
export function TextParameter({
  maxLength,
  ...options
}: ParameterOptions & { maxLength: number; default?: string }): PropertyDecorator {
  return applyDecorators(
    presence(options),
    Length(1, maxLength, { message: `must have 1 to ${maxLength} characters` }),
    documentation(options, { type: 'string', minLength: 1, maxLength, pattern: NO_CONTROL, default: options.default }),
  )
}

/** A whole number. */
export function IntegerParameter({
  minimum,
  maximum,
  ...options
}: ParameterOptions & { minimum: number; maximum: number; default?: number }): PropertyDecorator {
  const message = `must be a whole number from ${minimum} to ${maximum}`
  return applyDecorators(
    // Other texts are left for IsInt to refuse.
    Transform(({ value }) => (typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : value)),
    presence(options),
    IsInt({ message }),
    Min(minimum, { message }),
    Max(maximum, { message }),
    documentation(options, { type: 'integer', minimum, maximum, default: options.default }),
  )
}

/** `true` or `false`. */
export function BooleanParameter(options: ParameterOptions & { default?: boolean }): PropertyDecorator {
  return applyDecorators(
    Transform(({ value }) => (value === 'true' ? true : value === 'false' ? false : value)),
    presence(options),
    IsBoolean({ message: 'must be true or false' }),
    documentation(options, { type: 'boolean', default: options.default }),
  )
}

/** An RFC 3339 instant, normalised. */
export function InstantParameter(options: ParameterOptions): PropertyDecorator {
  return applyDecorators(
    Transform(({ value }) => {
      const instant = typeof value === 'string' ? parseInstant(value) : undefined
      return instant ? formatInstant(instant) : value
    }),
    presence(options),
    ValidateBy({
      name: 'isInstant',
      validator: {
        validate: value => typeof value === 'string' && parseInstant(value) !== undefined,
        defaultMessage: () => 'must be an existing RFC 3339 date and time with a zone, such as 2026-02-12T10:00:00Z',
      },
    }),
    documentation(options, { type: 'string', format: 'date-time' }),
  )
}

/** A UUID, in lower case. */
export function UuidQueryParameter(options: ParameterOptions): PropertyDecorator {
  return applyDecorators(
    Transform(({ value }) => (typeof value === 'string' ? value.toLowerCase() : value)),
    presence(options),
    ValidateBy({
      name: 'isUuid',
      validator: {
        validate: value => typeof value === 'string' && isUuid(value),
        defaultMessage: () => 'must be a UUID, such as 0198c0de-0000-7000-8000-000000000001',
      },
    }),
    documentation(options, { type: 'string', format: 'uuid' }),
  )
}

/** One of several words. */
export function WordParameter(
  options: ParameterOptions & { of: readonly string[]; default?: string },
): PropertyDecorator {
  return applyDecorators(
    presence(options),
    IsIn(options.of, { message: `must be one of ${options.of.join(', ')}` }),
    documentation(options, { type: 'string', enum: [...options.of], default: options.default }),
  )
}

/** Several of some words, as an array: the parameter is repeated for each. */
export function ChoicesParameter(options: ParameterOptions & { of: readonly string[] }): PropertyDecorator {
  return applyDecorators(
    Repeated(),
    presence(options),
    IsIn(options.of, { each: true, message: `must be one of ${options.of.join(', ')}` }),
    documentation(options, { type: 'array', items: { type: 'string', enum: [...options.of] } }),
  )
}

interface RepeatedText {
  /** Of one value. */
  maxLength: number
  /** Maximum number of values. */
  most: number
}

/** Several texts like that of `TextParameter`, as an array: the parameter is repeated for each. */
export function TextsParameter({ maxLength, most, ...options }: ParameterOptions & RepeatedText): PropertyDecorator {
  const items = { type: 'string', minLength: 1, maxLength, pattern: NO_CONTROL }
  return applyDecorators(
    Repeated(),
    presence(options),
    Length(1, maxLength, { each: true, message: `must have 1 to ${maxLength} characters` }),
    ArrayMaxSize(most, { message: `occurs more than ${most} times` }),
    documentation(options, { type: 'array', maxItems: most, items }),
  )
}

const PAIR = '^[^=\\u0000-\\u001f\\u007f]+=[^\\u0000-\\u001f\\u007f]*$'

/** Several pairs `key=value`, as an array; the first `=` ends the key, and the value may be empty. */
export function PairsParameter({ maxLength, most, ...options }: ParameterOptions & RepeatedText): PropertyDecorator {
  const items = { type: 'string', maxLength, pattern: PAIR }
  return applyDecorators(
    Repeated(),
    presence(options),
    Matches(new RegExp(PAIR), { each: true, message: 'must be a key and a value, as in team=payments' }),
    Length(1, maxLength, { each: true, message: `must have at most ${maxLength} characters` }),
    ArrayMaxSize(most, { message: `occurs more than ${most} times` }),
    documentation(options, { type: 'array', maxItems: most, items }),
  )
}
