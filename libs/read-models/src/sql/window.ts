export const DAY_MS = 86_400_000
const DEFAULT_DAYS = 30
/** The earliest instant. */
const FIRST_MS = Date.parse('0001-01-01T00:00:00Z')

/** The start of a window with only an end: 30 days before it. Milliseconds since 1970. */
export function defaultFrom(to: number): number {
  return Math.max(to - DEFAULT_DAYS * DAY_MS, FIRST_MS)
}

/** SQL: whether a local midnight belongs to an existing day in a time zone, since some skipped one. */
export function isDaySql(midnight: string, timezone: string): string {
  return `(${midnight} AT TIME ZONE ${timezone} AT TIME ZONE ${timezone})::date = ${midnight}::date`
}
