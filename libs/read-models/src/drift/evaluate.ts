import type { DriftRow, DriftState } from '#libs/api'
import type { Interval } from '../deployment/interval/step-function.js'
import { intervalAt, intervalUntil, type Reading, type SlotTimeline } from './slot-timeline.js'

/** Since when two slots differ, and the cause. */
export interface Difference {
  /** Start of the unbroken span, milliseconds since 1970. */
  since: number
  /** The cause: a deployment that finished, was rolled back or was removed there at that time. */
  cause: NonNullable<DriftRow['cause']>
}

/** The distance of two active tags. */
export interface Distance {
  /** Distinct tags that became active in the source since it last had the target's; absent if it never had it. */
  aheadBy?: number
  direction: NonNullable<DriftRow['direction']>
}

const tagOf = (interval: Interval | undefined) => interval?.active?.imageTag

/** The comparison of two slots at their time; `undefined` if neither has an active deployment. */
export function stateOf(source: SlotTimeline, target: SlotTimeline): DriftState | undefined {
  const [inSource, inTarget] = [source, target].map(({ intervals }) => tagOf(intervals[0]))
  if (inSource === undefined && inTarget === undefined) return undefined
  if (inTarget === undefined) return 'onlyInSource'
  if (inSource === undefined) return 'onlyInTarget'
  return inSource === inTarget ? 'same' : 'different'
}

/** A change of one slot: the interval that starts, and the previous one. */
interface Change {
  timeline: SlotTimeline
  interval: Interval
  before: Interval | undefined
}

/**
 * The start of the span in which two differing slots differ. It reaches back to the time when both had the same tag or no active
 * deployment. If both changed at the same time, the later change in the log is the cause.
 */
export function* differenceOf(source: SlotTimeline, target: SlotTimeline): Reading<Difference> {
  let [s, t] = [0, 0]
  for (;;) {
    const inSource = yield* intervalAt(source, s)
    const inTarget = yield* intervalAt(target, t)
    const since = Math.max(inSource?.from ?? -Infinity, inTarget?.from ?? -Infinity)
    if (inSource?.from === since) s++
    if (inTarget?.from === since) t++
    const [beforeInSource, beforeInTarget] = [yield* intervalAt(source, s), yield* intervalAt(target, t)]
    if (tagOf(beforeInSource) === tagOf(beforeInTarget)) {
      const changes = [
        { timeline: source, interval: inSource, before: beforeInSource },
        { timeline: target, interval: inTarget, before: beforeInTarget },
      ].filter((change): change is Change => tagOf(change.interval) !== tagOf(change.before))
      return { since, cause: causeOf(changes) }
    }
  }
}

function causeOf(changes: Change[]): Difference['cause'] {
  const causes = changes.map(({ timeline: { environment }, interval, before }) => {
    if (interval.removed && !interval.byRollback) return { environment, ...interval.removed, removed: true }
    return { environment, ...(interval.byRollback ? before! : interval).active!, removed: false }
  })
  const { deploymentId, environment, imageTag, removed } = causes.reduce((a, b) => (b.logOrder > a.logOrder ? b : a))
  return { deploymentId, environment, imageTag, ...(removed && { removed }) }
}

/** The distance of a source and a target with different active tags. */
export function* distanceOf(source: SlotTimeline, target: SlotTimeline): Reading<Distance> {
  const aheadBy = yield* tagsSince(tagOf(target.intervals[0])!, source)
  const wasInTarget = (yield* tagsSince(tagOf(source.intervals[0])!, target)) !== undefined
  if (aheadBy === undefined) return { direction: wasInTarget ? 'behind' : 'diverged' }
  return { aheadBy, direction: wasInTarget ? 'diverged' : 'ahead' }
}

/** The number of distinct tags that became active in a slot since it last had another one; `undefined` if it never had it. */
function* tagsSince(tag: string, timeline: SlotTimeline): Reading<number | undefined> {
  const tags = new Set<string>()
  for (let n = 0; ; n++) {
    const interval = yield* intervalUntil(tag, timeline, n)
    if (!interval) return undefined
    if (tagOf(interval) === tag) return tags.size
    if (interval.active) tags.add(interval.active.imageTag)
  }
}

/** A span in which two slots differed; the end is exclusive, `Infinity` if they still do. */
export interface DifferingSpan {
  since: number
  until: number
}

/** All spans in which two slots differed, in order of time; both timelines are complete. */
export function differingSpans(source: SlotTimeline, target: SlotTimeline): DifferingSpan[] {
  const spans: DifferingSpan[] = []
  const [inSource, inTarget] = [source, target].map(({ intervals }) => intervals.toReversed()) as [
    Interval[],
    Interval[],
  ]
  let differed = false
  for (let s = 0, t = 0; s < inSource.length || t < inTarget.length;) {
    const at = Math.min(inSource[s]?.from ?? Infinity, inTarget[t]?.from ?? Infinity)
    if (inSource[s]?.from === at) s++
    if (inTarget[t]?.from === at) t++
    const differ = tagOf(inSource[s - 1]) !== tagOf(inTarget[t - 1])
    if (differ && !differed) spans.push({ since: at, until: Infinity })
    if (!differ && differed) spans.at(-1)!.until = at
    differed = differ
  }
  return spans
}
