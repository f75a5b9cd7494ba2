import type { Interval } from '../deployment/interval/step-function.js'

/** What ran in one place until a moment, as far back as it was read. */
export interface Side {
  application: string
  /** By the pipeline's name. */
  environment: string
  /** The newest first; what ran at the moment is the first one. */
  intervals: Interval[]
  /** Nothing ran before the oldest of them. */
  complete: boolean
  /** When the first success of a tag started there, of the tags that were looked up; `Infinity`: there is none. */
  firstStarts: Map<string, number>
}

/** What must be read before a judgement goes on: older stints of a side, or there the first start of a tag. */
export interface Wanted {
  side: Side
  tag?: string
}

/** A computation that asks for what it lacks, and goes on when it was read. */
export type Reading<Result> = Generator<Wanted, Result, void>

/** The nth stint, counted back from 0; `undefined`: nothing ran before. */
export function* intervalAt(side: Side, n: number): Reading<Interval | undefined> {
  while (n >= side.intervals.length && !side.complete) yield { side }
  return side.intervals[n]
}

/** The same of one who looks for a tag: `undefined` also where none of the older stints can be of that tag. */
export function* intervalUntil(tag: string, side: Side, n: number): Reading<Interval | undefined> {
  while (n >= side.intervals.length && !side.complete) {
    if (!side.firstStarts.has(tag)) yield { side, tag }
    const oldest = side.intervals.at(-1)?.from ?? Infinity
    if (oldest < side.firstStarts.get(tag)!) return undefined
    yield { side }
  }
  return side.intervals[n]
}
