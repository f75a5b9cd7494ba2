// How many rows to fetch stands in the statement, or the planner would not know that they are few; few different numbers, so that
// statements can stay prepared.
const FETCHED = [11, 51, 101, 501]

/** How many rows to fetch for a page of `limit`, 1 to 500: at least one more. */
export function rowsFetched(limit: number): number {
  return FETCHED.find(count => count > limit)!
}
