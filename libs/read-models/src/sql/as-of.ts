/** The times of a bitemporal query: valid time `asOf` and transaction time `knownAt`; both inclusive. RFC 3339. */
export interface AsOf {
  asOf?: string
  knownAt?: string
}

/** Whether a query has such a time. */
export function isHistorical({ asOf, knownAt }: AsOf): boolean {
  return asOf !== undefined || knownAt !== undefined
}

/** The times as values of the parameters `$asOf` and `$knownAt`. */
export function timesOf({ asOf, knownAt }: AsOf): AsOf {
  return { asOf, knownAt }
}

/** The name of a statement whose text depends on the times that are given. */
export function nameAsOf(name: string, { asOf, knownAt }: AsOf): string {
  return `${name}${asOf === undefined ? '' : ' as of'}${knownAt === undefined ? '' : ' as known'}`
}
