import { hash } from 'node:crypto'
import { canonicalize } from 'json-canonicalize'

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

/** SHA-256 (lower-case hex) of the canonical form (RFC 8785) of a JSON value. The order of keys does not matter. */
export function hashJson(value: unknown): string {
  return hash('sha256', canonicalize(value), 'hex')
}

/** Whether two JSON values have the same canonical form: `1` equals `1.0`, and the order of keys does not matter. */
export function equalJson(a: Json, b: Json): boolean {
  return a === b || canonicalize(a) === canonicalize(b)
}
