import type { Query } from '../query.js'
import type { ComparedApplication, ComparedPart, Comparison } from './comparison.js'
import { knownSides } from './known-sides.js'
import { liveSides } from './live-sides.js'

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
