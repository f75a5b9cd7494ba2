import { Cron } from 'croner'

const MOST_RECURRENCES = 500
const MOST_SPANS = 500

/**
 * When a cron pattern begins, in a time zone. Finding that takes up to tens of milliseconds, and is asked for whenever a deployment is
 * recorded, mostly of the same days: spans of time without a beginning are remembered, with the beginning at their end.
 */
export class Recurrence {
  private readonly cron: Cron
  /** Ends of spans, ascending, and the earliest moment known to belong to each; milliseconds. */
  private ends: number[] = []
  private readonly starts = new Map<number, number>()

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

  /** The first beginning after an instant; `null`: there is none. */
  nextRun(after = new Date()): Date | null {
    const instant = after.getTime()
    const place = this.placeOf(instant)
    const end = this.ends[place]
    if (end !== undefined && this.starts.get(end)! <= instant) return asDate(end)
    const found = this.cron.nextRun(after)?.getTime() ?? Infinity
    this.remember(instant, found, place)
    return asDate(found)
  }

  private remember(start: number, end: number, place: number): void {
    if (this.ends[place] !== end) {
      if (this.ends.length >= MOST_SPANS) {
        this.ends = []
        this.starts.clear()
      }
      this.ends.splice(this.placeOf(start), 0, end)
    }
    this.starts.set(end, start)
  }

  /** Of the first end after an instant. */
  private placeOf(instant: number): number {
    let [low, high] = [0, this.ends.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.ends[middle]! > instant) high = middle
      else low = middle + 1
    }
    return low
  }
}

const recurrences = new Map<string, Recurrence>()

function asDate(milliseconds: number): Date | null {
  return milliseconds === Infinity ? null : new Date(milliseconds)
}
