import type { Json } from '#libs/contracts'

/** What a keyword of JSON Schema (2020-12) must hold. */
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

/** The keywords that decide whether a value fits. */
export const checked: ReadonlyMap<string, Form> = new Map<string, Form>([
  ['$ref', 'reference'],
  ['$anchor', 'anchor'],
  ['$defs', 'schemas by name'],
  // As the standard keeps it for schemas of earlier drafts.
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

/** Keywords that would be taken for notes, though whoever writes them means more. */
export const refused: ReadonlyMap<string, string> = new Map([
  ['$dynamicRef', 'write $ref'],
  ['$dynamicAnchor', 'write $anchor'],
  ['$recursiveRef', 'it is of an earlier draft: write $ref'],
  ['$recursiveAnchor', 'it is of an earlier draft: write $anchor'],
  ['dependencies', 'it is of an earlier draft: write dependentRequired or dependentSchemas'],
  ['additionalItems', 'it is of an earlier draft: write prefixItems and items'],
  ['nullable', "it is OpenAPI's: write null among the types"],
  ['__proto__', 'no key may have this name'],
])

/** `$comment` and what says which schema this is; the others that begin with `$` are none of the standard's. */
export const notes: ReadonlySet<string> = new Set(['$comment', '$schema', '$id'])

export const dialect = 'https://json-schema.org/draft/2020-12/schema'

const types: readonly string[] = ['null', 'boolean', 'object', 'array', 'number', 'string', 'integer']

/** What is wrong with the form of a value that holds no schemas, in a few words; `undefined`: nothing. */
export function formFinding(form: Form, value: Json): string | undefined {
  switch (form) {
    case 'number':
      return typeof value === 'number' ? undefined : 'must be a number'
    case 'positive number':
      return typeof value === 'number' && value > 0 ? undefined : 'must be a number above 0'
    case 'count':
      return Number.isInteger(value) && (value as number) >= 0 ? undefined : 'must be a whole number from 0'
    case 'boolean':
      return typeof value === 'boolean' ? undefined : 'must be true or false'
    case 'names':
      return isNames(value) ? undefined : 'must be an array of different texts'
    case 'names by name':
      return isObject(value) && Object.values(value).every(isNames)
        ? undefined
        : 'must be an object of arrays of different texts'
    case 'types':
      return typesFinding(value)
    case 'values':
      return Array.isArray(value) ? undefined : 'must be an array'
    case 'anchor':
      return typeof value === 'string' && /^[A-Za-z_][-A-Za-z0-9._]*$/.test(value) ? undefined : 'must be a name'
    case 'reference':
      return typeof value === 'string' && value.startsWith('#')
        ? undefined
        : 'must refer to a place in this schema, such as #/$defs/name: nothing is fetched'
    default:
      return undefined
  }
}

function typesFinding(value: Json): string | undefined {
  const named = typeof value === 'string' ? [value] : value
  const known = isNames(named) && named.length > 0 && named.every(name => types.includes(name))
  return known ? undefined : `must be one or several of ${types.join(', ')}`
}

function isNames(value: Json): value is string[] {
  return Array.isArray(value) && value.every(name => typeof name === 'string') && new Set(value).size === value.length
}

export function isObject(value: Json | undefined): value is { [key: string]: Json } {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}
