/** SQL with named parameters, as Postgres takes it. */
export interface ParsedText {
  /** With `$1`, `$2` and so on in place of the names. */
  text: string
  /** The names, each once, in the order of their numbers. */
  names: readonly string[]
}

// What a `$` may stand in without being a parameter, then `$name`, then what cannot be read.
// https://www.postgresql.org/docs/current/sql-syntax-lexical.html
const TOKEN = new RegExp(
  [
    String.raw`[eE]'(?:[^'\\]|\\.|'')*'`,
    String.raw`'(?:[^']|'')*'`,
    String.raw`"(?:[^"]|"")*"`,
    String.raw`--[^\n]*`,
    String.raw`/\*(?:(?!/\*)[\s\S])*?\*/`,
    String.raw`[\p{L}_][\p{L}\p{N}_$]*`,
    String.raw`(?<parameter>\$(?<name>[\p{L}\p{N}_]*)(?<quote>\$?))`,
    String.raw`(?<open>['"]|/\*)`,
  ].join('|'),
  'gsu',
)

/**
 * Numbers the parameters `$name` of SQL in the order of their first occurrence. String literals, quoted names and comments stay as they are.
 * Throws for `$1`, dollar quotes, and text that does not end.
 */
export function parseParameters(source: string): ParsedText {
  const numbers = new Map<string, number>()
  const text = source.replace(TOKEN, (...match) => {
    const { parameter, name, quote, open } = match.at(-1) as Record<string, string | undefined>
    if (open !== undefined) throw new Error(`${open} has no end: ${around(source, match)}`)
    if (parameter === undefined) return match[0] as string
    if (quote) throw new Error(`use quotes instead of dollar quotes: ${around(source, match)}`)
    if (!name || /^\p{N}/u.test(name))
      throw new Error(`a parameter has a name, as in $tenant: ${around(source, match)}`)
    const number = numbers.get(name) ?? numbers.size + 1
    numbers.set(name, number)
    return `$${number}`
  })
  return { text, names: [...numbers.keys()] }
}

function around(source: string, match: readonly unknown[]): string {
  const at = match.findLast(part => typeof part === 'number')!
  return source.slice(at, at + 40)
}
