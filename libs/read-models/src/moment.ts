/** A time to look back from: what had happened by then, and what had been recorded by then; both included. RFC 3339. */
export interface Moment {
  asOf?: string
  knownAt?: string
}

/** Whether a question looks back at all. */
export function looksBack({ asOf, knownAt }: Moment): boolean {
  return asOf !== undefined || knownAt !== undefined
}

/** Adds a parameter to a statement, and gives its name. */
export type Bind = (value: unknown) => string
