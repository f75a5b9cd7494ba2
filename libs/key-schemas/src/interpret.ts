import { type OutputUnit, validate } from '@cfworker/json-schema'
import type { Json } from '#libs/contracts'
import { LinearRegExp } from './linear-regexp.js'
import type { Prepared } from './prepare.js'
import { excerpt, pointerTo } from './text.js'

/** What is wrong with one place of a value. */
export interface Misfit {
  /** RFC 6901, into the value. */
  pointer: string
  detail: string
}

/**
 * Interprets a schema for a value: what is wrong with it first; `undefined`: it fits. Throws RangeError where the schema refers to
 * itself without end.
 */
export function interpret(
  { schema, lookup }: Exclude<Prepared, { findings: unknown }>,
  value: Json,
): Misfit | undefined {
  const { valid, errors } = withLinearPatterns(() => validate(value, schema, '2020-12', lookup))
  if (valid === true) return undefined
  // Anything but yes or no would be taken for a yes somewhere.
  if (valid !== false) throw new TypeError('the interpreter said neither yes nor no')
  return misfit(errors)
}

const compiled = new Map<string, LinearRegExp>()

/** The interpreter makes each pattern anew for each value; of one schema they are few, and worth remembering. */
function rememberedRegExp(pattern: string): LinearRegExp {
  const known = compiled.get(pattern) ?? new LinearRegExp(pattern)
  compiled.set(pattern, known)
  return known
}

/** Forgets the patterns of a schema. */
export function forgetPatterns(): void {
  compiled.clear()
}

/**
 * The interpreter knows no other engine than the global RegExp, which backtracks, and whose compiler can end the process: it gets
 * another one while it runs. It is synchronous, so nobody else sees that.
 */
function withLinearPatterns<T>(work: () => T): T {
  const native = globalThis.RegExp
  // It is called with `new`, and what it returns is taken.
  globalThis.RegExp = rememberedRegExp as unknown as RegExpConstructor
  try {
    return work()
  } finally {
    globalThis.RegExp = native
  }
}

/** Keywords whose failure is that of a schema within them. */
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

/** Its own words, as the second half of a sentence. */
function described(error: string): string {
  return `does not fit: ${error.replace(/\.$/, '')}`
}
