import type { Json } from '../schema/json.js'

// Input and output of the checks in libs/key-schemas.

/** A schema and the glob of the keys that it applies to. */
export interface PatternSchema {
  pattern: string
  schema: Json
}

/** A key and its value. A secret comes without its value: checks never see it. */
export type CheckedEntry = { key: string } & ({ value: Json; secret?: undefined } | { secret: true; value?: undefined })

/** Indexes, ascending, of the keys that any glob matches, and of the globs that match no key. */
export interface KeySelection {
  keys: number[]
  unmatched: number[]
}

/** A finding of a schema, and of a key if it has `entry`: indexes into the input. */
export type ValueFinding = { schema: number } & (
  | { kind: 'misfit'; entry: number; pointer: string; detail: string }
  /** A secret cannot be checked. */
  | { kind: 'secret'; entry: number }
  /** The schema is invalid: it can check no value. */
  | { kind: 'unusable'; detail: string }
)

export interface ValueFindings {
  findings: ValueFinding[]
  /** Number of findings that are not listed. */
  more: number
}

/** Limit of a key schema, in bytes of JSON. */
export const MAX_KEY_SCHEMA_BYTES = 64 * 1024
/** Limits of all key schemas of a tenant: number, and bytes of JSON. Every decision on its pipeline reads them. */
export const MAX_KEY_SCHEMAS = { count: 100, bytes: 512 * 1024 }
