/** A time to look back from: what had happened by then, and what had been recorded by then; both included. RFC 3339. */
export interface AsOf {
  asOf?: string
  knownAt?: string
}

/** Whether a question looks back at all. */
export function isHistorical({ asOf, knownAt }: AsOf): boolean {
  return asOf !== undefined || knownAt !== undefined
}

/** A word for each kind of moment: a part of a statement's name. */
export function kindOf({ asOf, knownAt }: AsOf): string {
  if (knownAt === undefined) return asOf === undefined ? 'now' : 'then'
  return asOf === undefined ? 'known' : 'then known'
}

/** Adds a parameter to a statement, and gives its name. */
export type Bind = (value: unknown) => string
