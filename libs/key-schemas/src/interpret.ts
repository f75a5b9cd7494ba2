import { type OutputUnit, validate } from '@cfworker/json-schema'
import type { Json } from '#libs/contracts'
import { LinearRegExp } from './linear-regexp.js'
import type { Prepared } from './prepare.js'
import { excerpt, pointerTo } from './text.js'

/** A mismatch at one location of a value. */
export interface Misfit {
  /** RFC 6901, into the value. */
  pointer: string
  detail: string
}

/**
 * Checks a value against a schema: the first mismatch, or `undefined`. Throws a RangeError for a schema with endless recursion.
 */
export function interpret(
  { schema, lookup }: Exclude<Prepared, { findings: unknown }>,
  value: Json,
): Misfit | undefined {
  const { valid, errors } = withLinearPatterns(() => validate(value, schema, '2020-12', lookup))
  if (valid === true) return undefined
  if (valid !== false) throw new TypeError('The schema interpreter returned no boolean.')
  return misfit(errors)
}

const compiled = new Map<string, LinearRegExp>()

/** A cache, as the interpreter compiles each pattern again for each value, and a schema has few of them. */
function rememberedRegExp(pattern: string): LinearRegExp {
  const known = compiled.get(pattern) ?? new LinearRegExp(pattern)
  compiled.set(pattern, known)
  return known
}

/** Empties the cache of patterns, before the next schema. */
export function forgetPatterns(): void {
  compiled.clear()
}

/**
 * The interpreter uses the global RegExp, which backtracks, and whose compiler can end the process, so this replaces it during the run.
 * The run is synchronous: no other code sees the replacement.
 */
function withLinearPatterns<T>(work: () => T): T {
  const native = globalThis.RegExp
  // Called with `new`; the returned object replaces the new one.
  globalThis.RegExp = rememberedRegExp as unknown as RegExpConstructor
  try {
    return work()
  } finally {
    globalThis.RegExp = native
  }
}

/** Keywords that fail because a subschema fails. */
const wrapping = new Set([
  '$ref',
  'allOf',
  'if',
  'dependentSchemas',
  'properties',
  'patternProperties',
  'additionalProperties',
  'propertyNames',
  'unevaluatedProperties',
  'prefixItems',
  'items',
  'unevaluatedItems',
])

function misfit(errors: OutputUnit[]): Misfit {
  const error = errors.find(({ keyword }) => !wrapping.has(keyword)) ?? errors[0]!
  const { instanceLocation, keyword } = error
  const path = instanceLocation
    .split('/')
    .slice(1)
    .map(token => decodeURIComponent(token).replaceAll('~1', '/').replaceAll('~0', '~'))
  return {
    pointer: pointerTo(path),
    detail: excerpt(keyword === 'false' ? 'is not allowed here' : described(error.error)),
  }
}

/** The message of the interpreter as the second half of a sentence. */
function described(error: string): string {
  return `does not match: ${error.replace(/\.$/, '')}`
}
