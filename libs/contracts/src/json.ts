import { hash } from 'node:crypto'
import { canonicalize } from 'json-canonicalize'

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

/** Lower-case hex SHA-256 of the canonical form (RFC 8785) of a JSON value: equal for equal values, whatever the order of keys. */
export function hashJson(value: unknown): string {
  return hash('sha256', canonicalize(value), 'hex')
}

/** Whether two JSON values are equal by their canonical form: `1` and `1.0` are, and the order of keys does not matter. */
export function equalJson(a: Json, b: Json): boolean {
  return a === b || canonicalize(a) === canonicalize(b)
}
