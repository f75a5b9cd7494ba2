import { createHash } from 'node:crypto'
import { parseParameters, type ParsedText } from './parameters.js'

/** SQL for Postgres, with its values. */
export interface Statement {
  /** Identifies it in logs, and in `pg_stat_activity` as a comment before the text. From a small, fixed set. */
  name?: string
  /** With parameters `$1`, `$2` and so on. */
  text: string
  values: unknown[]
  /** The names of the parameters, in their order. */
  parameters?: readonly string[]
  /** With a name, it is prepared under this name, and planned once per connection. */
  prepared?: string
}

/** Runs one statement and returns its rows. For `pg`: `queryOn`. */
export type Query = <Row = Record<string, unknown>>(statement: Statement) => Promise<Row[]>

interface StatementOptions {
  /**
   * `once`: prepared, and planned once per connection. Only for statements whose every step uses one index for all values, and which run so
   * often that planning would be noticeable. By default planned for its values each time: from the sixth execution on, Postgres may plan a
   * prepared statement for average values, and no average describes tenants, tags and times: a page of active deployments as of a time took
   * 15 s by such a plan instead of 30 ms.
   */
  plan?: 'once'
}

/** Postgres cuts names of prepared statements after 63 bytes. */
const MAX_NAME = 48

/**
 * Makes a statement.
 *
 * @param name from a small, fixed set: its golden file has the same name, whatever the variants of the text
 * @param text SQL with parameters `$name`; a name may occur several times. It is parsed once, so it must not contain values
 * @param values by name; `undefined` counts as absent, `null` is NULL
 * @throws Error if a parameter has no value, or a value no parameter
 */
export function statement(
  name: string,
  text: string,
  values: Readonly<Record<string, unknown>> = {},
  { plan }: StatementOptions = {},
): Statement {
  const parsed = parsedOf(name, text)
  const { names } = parsed
  let given = 0
  for (const key in values) if (values[key] !== undefined) given++
  const ordered = names.map(key => values[key])
  if (given !== names.length || ordered.includes(undefined)) throw mismatch(name, names, values)
  return {
    name,
    text: parsed.text,
    values: ordered,
    parameters: names,
    ...(plan === 'once' && { prepared: parsed.prepared }),
  }
}

function mismatch(name: string, names: readonly string[], values: Readonly<Record<string, unknown>>): Error {
  const missing = names.filter(key => values[key] === undefined).map(key => `$${key} has no value`)
  const unused = Object.keys(values)
    .filter(key => values[key] !== undefined && !names.includes(key))
    .map(key => `the value \`${key}\` has no parameter $${key}`)
  return new Error(`statement "${name}": ${[...missing, ...unused].join(', ')}`)
}

interface NamedText extends ParsedText {
  name: string
  prepared: string
}

/** Bounds the memory of `parsed`, if texts have more variants than expected. */
const MOST_TEXTS = 1000
const parsed = new Map<string, NamedText>()

function parsedOf(name: string, source: string): NamedText {
  const known = parsed.get(source)
  if (known?.name === name) return known
  if (!/^\w[\w ,.-]*$/.test(name) || name.length > MAX_NAME)
    throw new Error(`"${name}" is no name of a statement: use at most ${MAX_NAME} letters, digits and spaces`)
  const { text, names } = parseParameters(source)
  // Variants of a statement share its name, but must not be prepared under one.
  const variant = createHash('sha256').update(text).digest('base64url').slice(0, 12)
  const fresh = { name, text: `/* ${name} */ ${text}`, names, prepared: `${name} ${variant}` }
  if (parsed.size >= MOST_TEXTS) parsed.delete(parsed.keys().next().value!)
  parsed.set(source, fresh)
  return fresh
}
