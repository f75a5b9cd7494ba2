import type { AsOf } from '../configuration/held.js'
import type { Query } from '../query.js'
import { knownSides } from './known-sides.js'
import { liveSides } from './live-sides.js'
import type { Side } from './side.js'

/** Environments of a tenant that are compared, by the pipeline's names, at a moment: what runs without an end, where none is given. */
export interface Comparison extends AsOf {
  tenant: string
  environments: string[]
  application?: string
}

/** An application and its places, in the order of the environments. */
export interface ComparedApplication {
  application: string
  sides: Side[]
}

/** A part of the applications that are compared, from after one of them on. */
export interface ComparedPart {
  after?: string
  /** Applications at most. */
  limit: number
  /** Only those whose places are not all alike. */
  onlyDiffering?: boolean
  /** Also those of which nothing runs at the moment. */
  alsoIdle?: boolean
}

/** The applications of which something runs in one of the environments, by code point, each side with what runs there. */
export function comparedApplications(
  query: Query,
  comparison: Comparison,
  part: ComparedPart,
): Promise<ComparedApplication[]> {
  return comparison.knownAt === undefined
    ? liveSides(query, comparison, part)
    : knownSides(query, { ...comparison, knownAt: comparison.knownAt }, part)
}
