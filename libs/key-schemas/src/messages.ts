import type { CheckedEntry, Json, KeySelection, PatternSchema, ValueFindings } from '#libs/contracts'

// What goes to a thread and comes back. Types alone: a thread loads nothing of the product but the checks.

export type Check =
  | { kind: 'schema'; schema: Json }
  | { kind: 'select'; globs: string[]; keys: string[] }
  | {
      kind: 'values'
      schemas: PatternSchema[]
      entries: CheckedEntry[]
      /** One number that the thread keeps up to date: the index of the schema that it is at. */
      progress: Int32Array
    }

/** What is wrong with one place of a schema. */
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
