import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js'
import { parseDuration } from './duration.js'
import { parseInstant } from './instant.js'

/** What is wrong with one place of a JSON value. */
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

/** Whether a text is a UUID (RFC 9562), of any version, in either case. */
export function isUuid(text: string): boolean {
  return UUID.test(text)
}

/** Compiles a JSON Schema (2020-12) to a function that lists what is wrong with a value; empty: nothing. */
export function compileSchema(schema: object): Validator {
  const validate: ValidateFunction = ajv.compile(schema)
  return value => (validate(value) ? [] : (validate.errors ?? []).filter(isCause).map(describe))
}

/** A name that does not fit is reported for what is wrong with it, and once more for being among the names. */
function isCause({ keyword }: ErrorObject): boolean {
  return keyword !== 'propertyNames'
}

function describe(error: ErrorObject): Finding {
  const { keyword, params, message, propertyName } = error
  // What is wrong with the name of a member is found at the object.
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

/** The name that no member of an object and no key may have: assigning to it changes an object's prototype. */
export const FORBIDDEN_NAME = '__proto__'
export const FORBIDDEN_NAME_DETAIL = `must not be named ${FORBIDDEN_NAME}`

/** Characters of a name that a pointer has at most: an answer is not to repeat a body. */
const LONGEST_NAME = 512

/** The pointer (RFC 6901) to a member of what the other one points to. A name that is too long is cut, with `...` at its end. */
export function memberPointer(parent: string, name: string): string {
  const shown = name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME).toWellFormed()}...` : name
  return `${parent}/${shown.replaceAll('~', '~0').replaceAll('/', '~1')}`
}

/** How large a JSON value may be. */
export interface JsonBounds {
  depth: number
  values: number
}

/** Bounds of a body, where nothing else is said. */
export const bodyBounds: JsonBounds = { depth: 32, values: 20_000 }

/** Bounds of a body that may set 10,000 keys, each of them to a flag with its variants and rules. */
export const manyKeysBounds: JsonBounds = { depth: 32, values: 200_000 }

/** An event has what its body had, some levels deeper and more than once; its bytes are bounded already. */
export const eventBounds: JsonBounds = { depth: 64, values: Infinity }

/**
 * Finds what a JSON value must not carry into a database, whatever its schema: NUL characters, lone surrogates, numbers
 * beyond a double, and what is deeper or has more values than its bounds. Stops at the first, so that a hostile body costs no more than a look.
 */
export function findHostileText(value: unknown, bounds: JsonBounds = bodyBounds): Finding | undefined {
  let values = 0
  const visit = (node: unknown, pointer: string, depth: number): Finding | undefined => {
    if (++values > bounds.values) return { pointer, detail: `has more than ${bounds.values} values` }
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
export const SURROGATE_DETAIL = 'contains a lone surrogate, which is no Unicode text'

/** Why Postgres does not store a text; `undefined`: it does. */
export function textFault(text: string): string | undefined {
  if (text.includes('\0')) return NUL_DETAIL
  return text.isWellFormed() ? undefined : SURROGATE_DETAIL
}
