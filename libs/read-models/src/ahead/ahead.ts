import { intervalAt, intervalUntil, type Reading, type SlotTimeline } from '../drift/slot-timeline.js'
import type { Interval } from '../deployment/interval/step-function.js'

/** A tag that became active in the source, by the first of its deployments there that the target lacks. */
export interface WaitingTag extends Pick<NonNullable<Interval['active']>, 'imageTag' | 'deploymentId' | 'deployedAt'> {
  /** When it became active there, milliseconds since 1970. */
  since: number
}

/** What a source has and a target lacks. */
export interface Ahead {
  /** Newest first. */
  tags: WaitingTag[]
  /** Since when the source has been ahead, milliseconds since 1970: the end of the last stretch of the target's tag; `undefined` if it is not. */
  from?: number
}

const nothing: Ahead = { tags: [] }
const tagOf = (interval: Interval | undefined) => interval?.active?.imageTag

/**
 * The distinct tags that became active in the source after the end of the last stretch in which it had the target's tag, like `aheadBy` of
 * a drift. If it never had that tag, or the target has none: the active tag of the source, unless it was active in the target before.
 */
export function* aheadOf(source: SlotTimeline, target: SlotTimeline): Reading<Ahead> {
  const [inSource, inTarget] = [source, target].map(({ intervals }) => tagOf(intervals[0]))
  if (inSource === undefined || inSource === inTarget) return nothing
  const since = inTarget === undefined ? undefined : yield* sinceLast(inTarget, source)
  if (since) return since
  const wasInTarget = (yield* sinceLast(inSource, target)) !== undefined
  return wasInTarget ? nothing : yield* stretchOf(inSource, source)
}

/** What became active in a slot since it last had a tag; `undefined` if it never had it. */
function* sinceLast(tag: string, timeline: SlotTimeline): Reading<Ahead | undefined> {
  const after: Interval[] = []
  for (let n = 0; ; n++) {
    const interval = yield* intervalUntil(tag, timeline, n)
    if (!interval) return undefined
    if (tagOf(interval) === tag) return collected(after)
    after.push(interval)
  }
}

/** The last stretch of a tag, which is active. */
function* stretchOf(tag: string, timeline: SlotTimeline): Reading<Ahead> {
  const stretch: Interval[] = []
  for (let n = 0; ; n++) {
    const interval = yield* intervalAt(timeline, n)
    if (tagOf(interval) !== tag) return collected(stretch)
    stretch.push(interval!)
  }
}

function collected(intervals: readonly Interval[]): Ahead {
  const tags = new Map<string, WaitingTag>()
  for (const { from, active } of intervals) {
    if (!active) continue
    const { imageTag, deploymentId, deployedAt } = active
    // The earliest deployment of a tag counts, in its place.
    tags.delete(imageTag)
    tags.set(imageTag, { imageTag, deploymentId, deployedAt, since: from })
  }
  return { tags: [...tags.values()], from: intervals.at(-1)?.from }
}
