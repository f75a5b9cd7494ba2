import { Cron } from 'croner'

const MOST_RECURRENCES = 500
const MOST_SPANS = 500

/**
 * When a cron pattern begins, in a time zone. Finding that takes up to tens of milliseconds, and is asked for whenever a deployment is
 * recorded, mostly of the same days: spans of time from one beginning to the next are remembered.
 */
export class Recurrence {
  private readonly cron: Cron
  /** Beginnings of spans, ascending, and the end of each, excluded; milliseconds. */
  private starts: number[] = []
  private readonly ends = new Map<number, number>()

  /** Throws an Error where the pattern cannot be read. @param pattern five cron fields */
  private constructor(pattern: string, timezone: string) {
    this.cron = new Cron(pattern, { timezone, paused: true, mode: '5-part' })
  }

  /** One for each pattern and zone. Throws an Error where the pattern cannot be read. */
  static of(pattern: string, timezone = 'UTC'): Recurrence {
    const key = JSON.stringify([pattern, timezone])
    const known = recurrences.get(key)
    if (known) return known
    const recurrence = new Recurrence(pattern, timezone)
    if (recurrences.size >= MOST_RECURRENCES) recurrences.clear()
    recurrences.set(key, recurrence)
    return recurrence
  }

  /** Whether it begins at any time from now on. */
  beginsAgain(): boolean {
    return this.cron.nextRun() !== null
  }

  /** The last beginning at or before an instant; both in milliseconds since 1970. `undefined`: there is none. */
  lastRun(instant: number): number | undefined {
    const place = this.placeAfter(instant)
    const known = this.starts[place - 1]
    if (known !== undefined && instant < this.ends.get(known)!) return asInstant(known)
    // One that begins at the instant has begun: croner finds those before a moment.
    const found = this.cron.previousRuns(1, new Date(instant + 1))[0]?.getTime() ?? -Infinity
    this.remember(found, this.cron.nextRun(new Date(instant))?.getTime() ?? Infinity)
    return asInstant(found)
  }

  private remember(start: number, end: number): void {
    if (this.starts.length >= MOST_SPANS) {
      this.starts = []
      this.ends.clear()
    }
    if (!this.ends.has(start)) this.starts.splice(this.placeAfter(start), 0, start)
    this.ends.set(start, end)
  }

  /** Of the first beginning after an instant. */
  private placeAfter(instant: number): number {
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
