export type Value = string | number | bigint | boolean | undefined

/**
 * Builds array literals of Postgres: `pg` quotes and escapes each element of an array parameter, which costs as much as the rest of a
 * projection's work in this process.
 */

/** Of numbers, booleans, UUIDs and instants, which need no quotes. */
export function plainArray(values: readonly Value[]): string {
  return `{${values.map(value => value ?? 'NULL').join(',')}}`
}

/** Of any text. */
export function textArray(values: readonly (string | undefined)[]): string {
  return `{${values.map(quote).join(',')}}`
}

const SPECIAL = /["\\]/

function quote(value: string | undefined): string {
  if (value === undefined) return 'NULL'
  return `"${SPECIAL.test(value) ? value.replaceAll(/["\\]/g, '\\$&') : value}"`
}
