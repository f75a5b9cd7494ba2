import type { Json } from '#libs/contracts'

/** The form of the value of a JSON Schema (2020-12) keyword. */
export type Form =
  | 'schema'
  | 'schemas'
  | 'schemas by name'
  | 'schemas by pattern'
  | 'number'
  | 'positive number'
  | 'count'
  | 'boolean'
  | 'names'
  | 'names by name'
  | 'pattern'
  | 'types'
  | 'values'
  | 'value'
  | 'reference'
  | 'anchor'

/** The keywords that validate. */
export const checked: ReadonlyMap<string, Form> = new Map<string, Form>([
  ['$ref', 'reference'],
  ['$anchor', 'anchor'],
  ['$defs', 'schemas by name'],
  // The standard keeps it for schemas of earlier drafts.
  ['definitions', 'schemas by name'],
  ['allOf', 'schemas'],
  ['anyOf', 'schemas'],
  ['oneOf', 'schemas'],
  ['not', 'schema'],
  ['if', 'schema'],
  ['then', 'schema'],
  ['else', 'schema'],
  ['dependentSchemas', 'schemas by name'],
  ['prefixItems', 'schemas'],
  ['items', 'schema'],
  ['contains', 'schema'],
  ['properties', 'schemas by name'],
  ['patternProperties', 'schemas by pattern'],
  ['additionalProperties', 'schema'],
  ['propertyNames', 'schema'],
  ['unevaluatedItems', 'schema'],
  ['unevaluatedProperties', 'schema'],
  ['type', 'types'],
  ['const', 'value'],
  ['enum', 'values'],
  ['multipleOf', 'positive number'],
  ['maximum', 'number'],
  ['exclusiveMaximum', 'number'],
  ['minimum', 'number'],
  ['exclusiveMinimum', 'number'],
  ['maxLength', 'count'],
  ['minLength', 'count'],
  ['pattern', 'pattern'],
  ['maxItems', 'count'],
  ['minItems', 'count'],
  ['uniqueItems', 'boolean'],
  ['maxContains', 'count'],
  ['minContains', 'count'],
  ['maxProperties', 'count'],
  ['minProperties', 'count'],
  ['required', 'names'],
  ['dependentRequired', 'names by name'],
])

/** Keywords that 2020-12 would ignore although their author expects an effect. */
export const refused: ReadonlyMap<string, string> = new Map([
  ['$dynamicRef', 'write $ref'],
  ['$dynamicAnchor', 'write $anchor'],
  ['$recursiveRef', 'it belongs to an earlier draft, write $ref'],
  ['$recursiveAnchor', 'it belongs to an earlier draft, write $anchor'],
  ['dependencies', 'it belongs to an earlier draft, write dependentRequired or dependentSchemas'],
  ['additionalItems', 'it belongs to an earlier draft, write prefixItems and items'],
  ['nullable', 'it belongs to OpenAPI, add null to the types'],
  ['__proto__', 'this name is not allowed'],
])

/** Keywords with `$` that do not validate; the standard defines no others. */
export const notes: ReadonlySet<string> = new Set(['$comment', '$schema', '$id'])

export const dialect = 'https://json-schema.org/draft/2020-12/schema'

const types: readonly string[] = ['null', 'boolean', 'object', 'array', 'number', 'string', 'integer']

/** Checks the form of a value without subschemas: a finding for a message, or `undefined`. */
export function formFinding(form: Form, value: Json): string | undefined {
  switch (form) {
    case 'number':
      return typeof value === 'number' ? undefined : 'must be a number'
    case 'positive number':
      return typeof value === 'number' && value > 0 ? undefined : 'must be a number greater than 0'
    case 'count':
      return Number.isInteger(value) && (value as number) >= 0 ? undefined : 'must be an integer from 0'
    case 'boolean':
      return typeof value === 'boolean' ? undefined : 'must be true or false'
    case 'names':
      return isNames(value) ? undefined : 'must be an array of distinct strings'
    case 'names by name':
      return isObject(value) && Object.values(value).every(isNames)
        ? undefined
        : 'must be an object of arrays of distinct strings'
    case 'types':
      return typesFinding(value)
    case 'values':
      return Array.isArray(value) ? undefined : 'must be an array'
    case 'anchor':
      return typeof value === 'string' && /^[A-Za-z_][-A-Za-z0-9._]*$/.test(value)
        ? undefined
        : 'must be a valid anchor name'
    case 'reference':
      return typeof value === 'string' && value.startsWith('#')
        ? undefined
        : 'must refer to a location in this schema, such as #/$defs/name: external schemas are not loaded'
    default:
      return undefined
  }
}

function typesFinding(value: Json): string | undefined {
  const named = typeof value === 'string' ? [value] : value
  const known = isNames(named) && named.length > 0 && named.every(name => types.includes(name))
  return known ? undefined : `must be one or more of ${types.join(', ')}`
}

function isNames(value: Json): value is string[] {
  return Array.isArray(value) && value.every(name => typeof name === 'string') && new Set(value).size === value.length
}

export function isObject(value: Json | undefined): value is { [key: string]: Json } {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}
