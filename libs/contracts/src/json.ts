import { hash } from 'node:crypto'
import { canonicalize } from 'json-canonicalize'

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

/** Lower-case hex SHA-256 of the canonical form (RFC 8785) of a JSON value: equal for equal values, whatever the order of keys. */
export function hashJson(value: unknown): string {
  return hash('sha256', canonicalize(value), 'hex')
}
