import type { Interval } from '../deployment/interval/step-function.js'

/** What ran in one place until a moment, as far back as it was read. */
export interface SlotTimeline {
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

/** What must be read before a judgement goes on: older intervals of a side, or there the first start of a tag. */
export interface Wanted {
  timeline: SlotTimeline
  tag?: string
}

/** A computation that asks for what it lacks, and goes on when it was read. */
export type Reading<Result> = Generator<Wanted, Result, void>

/** The nth interval, counted back from 0; `undefined`: nothing ran before. */
export function* intervalAt(timeline: SlotTimeline, n: number): Reading<Interval | undefined> {
  while (n >= timeline.intervals.length && !timeline.complete) yield { timeline }
  return timeline.intervals[n]
}

/** The same of one who looks for a tag: `undefined` also where none of the older intervals can be of that tag. */
export function* intervalUntil(tag: string, timeline: SlotTimeline, n: number): Reading<Interval | undefined> {
  while (n >= timeline.intervals.length && !timeline.complete) {
    if (!timeline.firstStarts.has(tag)) yield { timeline, tag }
    const oldest = timeline.intervals.at(-1)?.from ?? Infinity
    if (oldest < timeline.firstStarts.get(tag)!) return undefined
    yield { timeline }
  }
  return timeline.intervals[n]
}
