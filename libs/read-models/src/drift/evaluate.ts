import type { Interval } from '../deployment/interval/step-function.js'
import { intervalAt, intervalUntil, type Reading, type SlotTimeline } from './slot-timeline.js'

export const driftStates = ['same', 'different', 'onlyInSource', 'onlyInTarget'] as const
export type DriftState = (typeof driftStates)[number]

export const directions = ['ahead', 'behind', 'diverged'] as const

/** Since when two places differ, and what began it. */
export interface Difference {
  /** Start of the unbroken span, milliseconds since 1970. */
  since: number
  /** What began it: a deployment that finished there then, or was rolled back then. */
  cause: { deploymentId: string; environment: string; imageTag: string }
}

/** How far two tags that both run are from each other. */
export interface Distance {
  /** Distinct tags that the source has come to since it last had the target's; absent: it never had. */
  aheadBy?: number
  direction: (typeof directions)[number]
}

const tagOf = (interval: Interval | undefined) => interval?.active?.imageTag

/** How two places compare at their moment; `undefined`: nothing runs in either. */
export function stateOf(source: SlotTimeline, target: SlotTimeline): DriftState | undefined {
  const [inSource, inTarget] = [source, target].map(({ intervals }) => tagOf(intervals[0]))
  if (inSource === undefined && inTarget === undefined) return undefined
  if (inTarget === undefined) return 'onlyInSource'
  if (inSource === undefined) return 'onlyInTarget'
  return inSource === inTarget ? 'same' : 'different'
}

/** A change of one side: the interval that began, and the one before it. */
interface Change {
  timeline: SlotTimeline
  interval: Interval
  before: Interval | undefined
}

/**
 * Where the span began in which two places differ, that do. It goes back to where both had the same tag or both had nothing. Where both
 * sides changed then, the later one in the log is the cause.
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
    return { environment, ...(interval.byRollback ? before! : interval).active! }
  })
  const { deploymentId, environment, imageTag } = causes.reduce((a, b) => (b.logOrder > a.logOrder ? b : a))
  return { deploymentId, environment, imageTag }
}

/** How far a source and a target are from each other, where different tags run. */
export function* distanceOf(source: SlotTimeline, target: SlotTimeline): Reading<Distance> {
  const aheadBy = yield* tagsSince(tagOf(target.intervals[0])!, source)
  const wasInTarget = (yield* tagsSince(tagOf(source.intervals[0])!, target)) !== undefined
  if (aheadBy === undefined) return { direction: wasInTarget ? 'behind' : 'diverged' }
  return { aheadBy, direction: wasInTarget ? 'diverged' : 'ahead' }
}

/** How many distinct tags a place has come to since it last had another one; `undefined`: it never had. */
function* tagsSince(tag: string, timeline: SlotTimeline): Reading<number | undefined> {
  const tags = new Set<string>()
  for (let n = 0; ; n++) {
    const interval = yield* intervalUntil(tag, timeline, n)
    if (!interval) return undefined
    if (tagOf(interval) === tag) return tags.size
    if (interval.active) tags.add(interval.active.imageTag)
  }
}

/** When two places differed: from an instant on, until another one, which is not in it; `Infinity`: they still do. */
export interface DifferingSpan {
  since: number
  until: number
}

/** All spans in which two places differed, in order of time; both sides are complete. */
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
