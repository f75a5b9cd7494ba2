import type { Interval } from '../deployment/interval/step-function.js'

/** The intervals of one slot until a time, as far back as they were read. */
export interface SlotTimeline {
  application: string
  /** By the pipeline's name. */
  environment: string
  /** Newest first; the first one contains the time. */
  intervals: Interval[]
  /** Whether no deployment was active before the oldest interval. */
  complete: boolean
  /** Start of the first success of each looked up tag there; `Infinity` without one. */
  firstStarts: Map<string, number>
}

/** Data that a computation needs: older intervals of a timeline, or the first start of a tag there. */
export interface Wanted {
  timeline: SlotTimeline
  tag?: string
}

/** A computation that requests missing data and continues when it was read. */
export type Reading<Result> = Generator<Wanted, Result, void>

/** The nth interval, counted backwards from 0; `undefined` if no deployment was active before. */
export function* intervalAt(timeline: SlotTimeline, n: number): Reading<Interval | undefined> {
  while (n >= timeline.intervals.length && !timeline.complete) yield { timeline }
  return timeline.intervals[n]
}

/** The same when searching a tag: also `undefined` if no older interval can have the tag. */
export function* intervalUntil(tag: string, timeline: SlotTimeline, n: number): Reading<Interval | undefined> {
  while (n >= timeline.intervals.length && !timeline.complete) {
    if (!timeline.firstStarts.has(tag)) yield { timeline, tag }
    const oldest = timeline.intervals.at(-1)?.from ?? Infinity
    if (oldest < timeline.firstStarts.get(tag)!) return undefined
    yield { timeline }
  }
  return timeline.intervals[n]
}
