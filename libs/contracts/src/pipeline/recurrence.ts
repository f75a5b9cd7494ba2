import { Cron } from 'croner'

const MOST_RECURRENCES = 500
const MOST_SPANS = 500

/**
 * The occurrences of a cron pattern in a time zone. A computation takes up to tens of milliseconds, and every recorded deployment needs one,
 * mostly for the same days, so the periods from one occurrence to the next are cached.
 */
export class Recurrence {
  private readonly cron: Cron
  /** Starts of the cached periods, ascending, and the exclusive end of each; milliseconds. */
  private starts: number[] = []
  private readonly ends = new Map<number, number>()

  /** Throws an Error for an invalid pattern. @param pattern five cron fields */
  private constructor(pattern: string, timezone: string) {
    this.cron = new Cron(pattern, { timezone, paused: true, mode: '5-part' })
  }

  /** The shared instance for a pattern and a zone. Throws an Error for an invalid pattern. */
  static of(pattern: string, timezone = 'UTC'): Recurrence {
    const key = JSON.stringify([pattern, timezone])
    const known = recurrences.get(key)
    if (known) return known
    const recurrence = new Recurrence(pattern, timezone)
    if (recurrences.size >= MOST_RECURRENCES) recurrences.clear()
    recurrences.set(key, recurrence)
    return recurrence
  }

  /** Whether there is an occurrence in the future. */
  beginsAgain(): boolean {
    return this.cron.nextRun() !== null
  }

  /** The last occurrence at or before an instant; both in milliseconds since 1970. `undefined`: none. */
  lastRun(instant: number): number | undefined {
    const known = this.starts[this.indexAfter(instant) - 1]
    if (known !== undefined && instant < this.ends.get(known)!) return asInstant(known)
    // croner excludes the given instant, which counts here.
    const found = this.cron.previousRuns(1, new Date(instant + 1))[0]?.getTime() ?? -Infinity
    this.remember(found, this.cron.nextRun(new Date(instant))?.getTime() ?? Infinity)
    return asInstant(found)
  }

  private remember(start: number, end: number): void {
    if (this.starts.length >= MOST_SPANS) {
      this.starts = []
      this.ends.clear()
    }
    if (!this.ends.has(start)) this.starts.splice(this.indexAfter(start), 0, start)
    this.ends.set(start, end)
  }

  /** Index of the first start after an instant. */
  private indexAfter(instant: number): number {
    let [low, high] = [0, this.starts.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.starts[middle]! > instant) high = middle
      else low = middle + 1
    }
    return low
  }
}

const recurrences = new Map<string, Recurrence>()

function asInstant(milliseconds: number): number | undefined {
  return milliseconds === -Infinity ? undefined : milliseconds
}
