import type { CheckedEntry, Json, KeySelection, PatternSchema, ValueFindings } from '#libs/contracts'

// Messages between the process and its threads. Types only: a thread loads nothing but the checks.

export type Check =
  | { kind: 'schema'; schema: Json }
  | { kind: 'select'; globs: string[]; keys: string[] }
  | {
      kind: 'values'
      schemas: PatternSchema[]
      entries: CheckedEntry[]
      /** One number that the thread updates: the index of the schema that it checks. */
      progress: Int32Array
    }

/** An error at one location of a schema. */
export interface SchemaFinding {
  /** RFC 6901, into the schema. */
  pointer: string
  detail: string
}

export type CheckResult<C extends Check> = C extends { kind: 'schema' }
  ? SchemaFinding[]
  : C extends { kind: 'select' }
    ? KeySelection
    : ValueFindings
