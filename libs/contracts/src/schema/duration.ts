import { Temporal } from 'temporal-polyfill'

const DURATION = /^P(?:(\d{1,4})W|(?=.)(?:(\d{1,5})D)?(?:T(?=.)(?:(\d{1,6})H)?(?:(\d{1,7})M)?(?:(\d{1,9})S)?)?)$/
const SECONDS = [7 * 86_400, 86_400, 3600, 60, 1]

/** Milliseconds of an ISO 8601 duration of weeks, or of days, hours, minutes and seconds; `undefined` for anything else. */
export function parseDuration(text: string): number | undefined {
  const parts = DURATION.exec(text)?.slice(1)
  return parts?.reduce((sum, part, index) => sum + Number(part ?? 0) * SECONDS[index]! * 1000, 0)
}

// A time zone that skipped a day, such as Apia in 2011, and changed its clocks too, shifted by little more than a day.
const MOST_MOVED_MS = 2 * 86_400_000

/**
 * Whether an instant is before the end of a duration that began at another one; both in milliseconds since 1970. Weeks and days are
 * calendar days in the time zone (IANA name), so that a day with a clock change has 23 or 25 hours, as in Temporal. Hours, minutes and
 * seconds are exact, and are added after them.
 */
export function isWithin(instant: number, began: number, duration: string, timezone: string): boolean {
  const elapsed = instant - began
  const milliseconds = parseDuration(duration)!
  const hasDays = /^P\d+[WD]/.test(duration)
  // Far from the end the time zone makes no difference.
  if (!hasDays || Math.abs(elapsed - milliseconds) > MOST_MOVED_MS) return elapsed < milliseconds
  const start = Temporal.Instant.fromEpochMilliseconds(began).toZonedDateTimeISO(timezone)
  return instant < start.add(duration).epochMilliseconds
}
