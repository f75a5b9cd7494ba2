import type { Query } from '../sql/query.js'
import type { ComparedApplication, ComparedPart, Comparison } from './comparison.js'
import { timelinesAsKnown } from './timelines-as-known.js'
import { currentTimelines } from './current-timelines.js'

/** Applications that are compared at once. */
const AT_ONCE = 500

/** The applications of which something runs in one of the environments, by code point, each side with what runs there. */
export function comparedApplications(
  query: Query,
  comparison: Comparison,
  part: ComparedPart,
): Promise<ComparedApplication[]> {
  return comparison.knownAt === undefined
    ? currentTimelines(query, comparison, part)
    : timelinesAsKnown(query, { ...comparison, knownAt: comparison.knownAt }, part)
}

/** All of them, part by part. `alsoIdle`: also those of which nothing runs at the moment. */
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
