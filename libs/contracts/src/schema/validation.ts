import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js'
import { parseDuration } from './duration.js'
import { parseInstant } from './instant.js'

/** An error at one location of a JSON value. */
export interface Finding {
  /** RFC 6901. */
  pointer: string
  detail: string
}

export type Validator = (value: unknown) => Finding[]

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true, discriminator: false })
ajv.addFormat('instant', text => parseInstant(text) !== undefined)
ajv.addFormat('duration', text => parseDuration(text) !== undefined)
ajv.addFormat('uuid', UUID)
ajv.addFormat('sha256', /^[0-9a-f]{64}$/i)

/** Whether a text is a UUID (RFC 9562) of any version, in either case. */
export function isUuid(text: string): boolean {
  return UUID.test(text)
}

/** Compiles a JSON Schema (2020-12) to a function that lists the errors of a value. */
export function compileSchema(schema: object): Validator {
  const validate: ValidateFunction = ajv.compile(schema)
  return value => (validate(value) ? [] : (validate.errors ?? []).filter(isCause).map(describe))
}

/** Ajv reports an invalid name twice: with its cause, and as `propertyNames`. */
function isCause({ keyword }: ErrorObject): boolean {
  return keyword !== 'propertyNames'
}

function describe(error: ErrorObject): Finding {
  const { keyword, params, message, propertyName } = error
  // Ajv reports an invalid name at the object.
  const instancePath = propertyName === undefined ? error.instancePath : memberPointer(error.instancePath, propertyName)
  switch (keyword) {
    case 'required':
      return { pointer: memberPointer(instancePath, params['missingProperty']), detail: 'is required' }
    case 'additionalProperties':
      return { pointer: memberPointer(instancePath, params['additionalProperty']), detail: 'is not a known field' }
    case 'enum':
      return { pointer: instancePath, detail: `must be one of ${params['allowedValues'].join(', ')}` }
    case 'format':
      return { pointer: instancePath, detail: formats[params['format'] as keyof typeof formats] }
    case 'pattern':
      return { pointer: instancePath, detail: 'must not contain control characters' }
    case 'not':
      return { pointer: instancePath, detail: FORBIDDEN_NAME_DETAIL }
    case 'minProperties':
      return { pointer: instancePath, detail: `must have at least ${params['limit']} fields` }
    default:
      return { pointer: instancePath, detail: message ?? `fails ${keyword}` }
  }
}

const formats = {
  instant: 'must be an existing RFC 3339 date and time with a zone, such as 2026-02-12T10:00:00Z',
  duration: 'must be an ISO 8601 duration of weeks, or of days, hours, minutes and seconds, such as PT12H',
  uuid: 'must be a UUID, such as 0198c0de-0000-7000-8000-000000000001',
  sha256: 'must be 64 hex digits',
}

/** A forbidden name of members and keys: assigning to it changes an object's prototype. */
export const FORBIDDEN_NAME = '__proto__'
export const FORBIDDEN_NAME_DETAIL = `must not be named ${FORBIDDEN_NAME}`

/** Limit of a name in a pointer, in characters: a response must not repeat a body. */
const LONGEST_NAME = 512

/** The pointer (RFC 6901) to a member. A long name is truncated and ends with `...`. */
export function memberPointer(parent: string, name: string): string {
  const shown = name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME).toWellFormed()}...` : name
  return `${parent}/${shown.replaceAll('~', '~0').replaceAll('/', '~1')}`
}

/** Limits of a JSON value. */
export interface JsonBounds {
  depth: number
  values: number
}

/** Default limits of a body. */
export const bodyBounds: JsonBounds = { depth: 32, values: 20_000 }

/** Limits of a body that may set 10,000 keys, each to a flag with variants and rules. */
export const manyKeysBounds: JsonBounds = { depth: 32, values: 200_000 }

/** An event has the values of a body, some levels deeper and several times; its bytes are limited elsewhere. */
export const eventBounds: JsonBounds = { depth: 64, values: Infinity }

/**
 * Finds what a database cannot store or what exceeds the limits, regardless of the schema: NUL characters, lone surrogates, numbers
 * beyond a double, depth, number of values. Stops at the first finding, so that a hostile body costs little.
 */
export function findHostileText(value: unknown, bounds: JsonBounds = bodyBounds): Finding | undefined {
  let values = 0
  const visit = (node: unknown, pointer: string, depth: number): Finding | undefined => {
    if (++values > bounds.values) return { pointer, detail: `has more than ${bounds.values} values, the limit` }
    if (typeof node === 'string') return textFinding(node, pointer)
    if (node === Infinity || node === -Infinity) return { pointer, detail: 'is a number beyond the range of a double' }
    if (node === null || typeof node !== 'object') return undefined
    if (depth >= bounds.depth) return { pointer, detail: `is nested deeper than ${bounds.depth} levels` }
    for (const [key, child] of Object.entries(node)) {
      const path = memberPointer(pointer, key)
      const finding = textFinding(key, pointer) ?? visit(child, path, depth + 1)
      if (finding) return finding
    }
    return undefined
  }
  return visit(value, '', 0)
}

function textFinding(text: string, pointer: string): Finding | undefined {
  const detail = textFault(text)
  return detail === undefined ? undefined : { pointer, detail }
}

export const NUL_DETAIL = 'contains a NUL character'
export const SURROGATE_DETAIL = 'contains a lone surrogate, which is not valid Unicode'

/** Why Postgres cannot store a text; `undefined`: it can. */
export function textFault(text: string): string | undefined {
  if (text.includes('\0')) return NUL_DETAIL
  return text.isWellFormed() ? undefined : SURROGATE_DETAIL
}
