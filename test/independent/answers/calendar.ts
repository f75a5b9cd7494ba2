export type Bucket = 'day' | 'week' | 'month'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

const formats = new Map<string, Intl.DateTimeFormat>()

/** The date on the calendar there, `YYYY-MM-DD`. */
export function localDate(at: number, timezone: string): string {
  const format =
    formats.get(timezone) ??
    new Intl.DateTimeFormat('en-US', { timeZone: timezone, year: 'numeric', month: '2-digit', day: '2-digit' })
  formats.set(timezone, format)
  const [month, day, year] = format.format(at).split('/')
  return `${year}-${month}-${day}`
}

const starts = new Map<string, number>()

/** The first instant (ms) that has this date there: where the clocks skip midnight it is later, where they repeat it, the first. */
export function startOfDay(date: string, timezone: string): number {
  const key = `${date} ${timezone}`
  const start = starts.get(key) ?? findStartOfDay(date, timezone)
  starts.set(key, start)
  return start
}

function findStartOfDay(date: string, timezone: string): number {
  // No zone is further from UTC; in between the date never goes back.
  let before = Date.parse(date) - 16 * HOUR_MS
  let after = Date.parse(date) + 16 * HOUR_MS
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2)
    if (localDate(middle, timezone) < date) before = middle
    else after = middle
  }
  return after
}

/** The first date of the day, week (from Monday) or month that has it. */
export function bucketDate(date: string, bucket: Bucket): string {
  if (bucket === 'month') return `${date.slice(0, 7)}-01`
  if (bucket === 'day') return date
  return addDays(date, -((new Date(date).getUTCDay() + 6) % 7))
}

/** The first date of the bucket after the one that begins with it. */
export function nextBucketDate(date: string, bucket: Bucket): string {
  return bucketDate(addDays(date, { day: 1, week: 7, month: 31 }[bucket]), bucket)
}

/** How many dates there are from one to the other, both included, but for those that were left out there. */
export function datesBetween(first: string, last: string, timezone: string): number {
  const [from, to] = [first, last].toSorted() as [string, string]
  let dates = 0
  for (let date = from; date <= to; date = addDays(date, 1)) {
    if (localDate(startOfDay(date, timezone), timezone) === date) dates++
  }
  return dates
}

function addDays(date: string, days: number): string {
  return new Date(Date.parse(date) + days * DAY_MS).toISOString().slice(0, 10)
}
