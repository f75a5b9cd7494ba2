import type { Json } from './json.js'

// What is asked of the checks of keys and values, which libs/key-schemas does, and what they find.

/** A schema and the glob of the keys that it is for. */
export interface PatternSchema {
  pattern: string
  schema: Json
}

/** A key and its value; a secret without its value, which no check ever gets. */
export type CheckedEntry = { key: string } & ({ value: Json; secret?: undefined } | { secret: true; value?: undefined })

/** Which keys any of some globs matches, and which globs match none: indexes, ascending. */
export interface KeySelection {
  keys: number[]
  unmatched: number[]
}

/** What was found of a schema, and of a key where `entry` is there: indexes into what was asked. */
export type ValueFinding = { schema: number } & (
  | { kind: 'misfit'; entry: number; pointer: string; detail: string }
  /** The value of a secret is not known to the check. */
  | { kind: 'secret'; entry: number }
  /** No value can be checked by this schema. */
  | { kind: 'unusable'; detail: string }
)

export interface ValueFindings {
  findings: ValueFinding[]
  /** How many more there are. */
  more: number
}

/** Largest schema of keys, in bytes of JSON. */
export const MAX_KEY_SCHEMA_BYTES = 64 * 1024
/** All schemas of a tenant: as many, and bytes of their JSON. Every decision on its rules reads them. */
export const MAX_KEY_SCHEMAS = { count: 100, bytes: 512 * 1024 }
