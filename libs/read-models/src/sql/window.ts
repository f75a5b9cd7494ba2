export const DAY_MS = 86_400_000
const DEFAULT_DAYS = 30
/** Earlier there are no instants. */
const FIRST_MS = Date.parse('0001-01-01T00:00:00Z')

/** Where a window begins that says only where it ends: 30 days before. Milliseconds since 1970. */
export function defaultFrom(to: number): number {
  return Math.max(to - DEFAULT_DAYS * DAY_MS, FIRST_MS)
}

/** SQL: whether a local midnight is of a day that there is in a time zone: some have left one out. */
export function isDaySql(midnight: string, timezone: string): string {
  return `(${midnight} AT TIME ZONE ${timezone} AT TIME ZONE ${timezone})::date = ${midnight}::date`
}
