/** The times of a bitemporal query: valid time `asOf` and transaction time `knownAt`; both inclusive. RFC 3339. */
export interface AsOf {
  asOf?: string
  knownAt?: string
}

/** Whether a query has such a time. */
export function isHistorical({ asOf, knownAt }: AsOf): boolean {
  return asOf !== undefined || knownAt !== undefined
}

/** A word for each combination of times, as a part of a statement's name. */
export function kindOf({ asOf, knownAt }: AsOf): string {
  if (knownAt === undefined) return asOf === undefined ? 'now' : 'then'
  return asOf === undefined ? 'known' : 'then known'
}

/** Adds a parameter to a statement and returns its name. */
export type Bind = (value: unknown) => string
