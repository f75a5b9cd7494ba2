import type { Query } from '#libs/postgres'
import type { ComparedApplication, ComparedPart, Comparison } from './comparison.js'
import { timelinesAsKnown } from './timelines-as-known.js'
import { currentTimelines } from './current-timelines.js'

/** Number of applications that are compared at once. */
const AT_ONCE = 500

/** The applications with an active deployment in one of the environments, by code point, each with its slot timelines. */
export function comparedApplications(
  query: Query,
  comparison: Comparison,
  part: ComparedPart,
): Promise<ComparedApplication[]> {
  return comparison.knownAt === undefined
    ? currentTimelines(query, comparison, part)
    : timelinesAsKnown(query, { ...comparison, knownAt: comparison.knownAt }, part)
}

/** All of them, page by page. `alsoIdle`: also those without an active deployment at that time. */
export async function* comparedParts(
  query: Query,
  comparison: Comparison,
  { alsoIdle }: Pick<ComparedPart, 'alsoIdle'> = {},
): AsyncGenerator<ComparedApplication[], void> {
  for (let after: string | undefined; ;) {
    const part = await comparedApplications(query, comparison, { after, limit: AT_ONCE, alsoIdle })
    yield part
    if (part.length < AT_ONCE) return
    after = part.at(-1)!.application
  }
}
