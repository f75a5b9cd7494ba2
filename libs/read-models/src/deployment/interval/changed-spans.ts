import type { Query } from '#libs/postgres'
import { slotKey } from '../record/slot.js'
import { idKey } from '../../log/projected-event.js'
import { groupBy } from '../../sql/group-by.js'
import type { ChangedRun } from './changed-run.js'
import type { SlotSpan } from './rows.js'
import { startedBefore, intervalsOfParts, type FollowingInterval, type Run, type RunPart } from './step-function.js'
import {
  deleteIntervals,
  loadStanding,
  putIntervals,
  spansOf,
  spansOfRuns,
  type BoundedRun,
  type SlotDeployment,
  type Standing,
  type StoredInterval,
} from './stored.js'
import { walk } from './walk.js'

/** A span in which intervals may have changed, with known bounds. */
interface ChangedSpan extends SlotSpan {
  parts: RunPart[]
}

/**
 * Recomputes the intervals of slots after changes to earlier deployments. Intervals change only where a changed deployment was active, so
 * the history is read there, and where a changed deployment is active now, so its interval is inserted. The cost depends on the changed
 * intervals, not on the deployments that are hidden by or tied with them.
 *
 * @param slots the changes of each slot
 */
export async function refreshChangedSpans(query: Query, slots: readonly (readonly ChangedRun[])[]): Promise<void> {
  if (slots.length === 0) return
  const stood = slots.flat().flatMap(({ slot, before }) => (before ? [{ slot, ...before }] : []))
  const changed = new Set(stood.map(({ slot, deploymentId }) => idKey(slot.tenant, deploymentId)))
  const left = merged((await spansOf(query, stood)).map(span => ({ ...span, parts: [] })))
  const walked = await walk(query, left)
  const run = await activeSpans(query, slots.flatMap(boundedRuns), stood)
  const spans = merged([...left.map((span, n) => ({ ...span, parts: walked[n]! })), ...run])
  const standing = await loadStanding(query, spans)
  const differences = spans.map((span, n) => differencesIn(span, standing[n]!, changed))
  await deleteIntervals(
    query,
    differences.flatMap(({ gone }) => gone),
  )
  await putIntervals(
    query,
    differences.flatMap(({ put }) => put),
  )
}

async function activeSpans(
  query: Query,
  runs: readonly BoundedRun[],
  changed: readonly SlotDeployment[],
): Promise<ChangedSpan[]> {
  const spans = await spansOfRuns(query, runs, changed)
  return spans.flatMap((span, n) => {
    const { run } = runs[n]!
    return span ? [{ ...span, parts: [{ run, from: run.from, until: run.until }] }] : []
  })
}

/** The deployments that are active now in one slot, without those that others hide from their start; bounded by the start of the hiding one. */
function boundedRuns(changes: readonly ChangedRun[]): BoundedRun[] {
  const active = changes.flatMap(({ slot, now }) => (now ? [{ slot, run: now }] : []))
  const latestFirst = active.toSorted((a, b) => (startedBefore(a.run, b.run) ? 1 : -1))
  const bounded: BoundedRun[] = []
  let hiddenForEver = Infinity
  let later: Run | undefined
  for (const { slot, run } of latestFirst) {
    const hiddenByNext = later && later.until >= run.until ? later.from : Infinity
    const until = Math.min(run.until, hiddenForEver, hiddenByNext)
    if (until > run.from) bounded.push({ slot, run, until })
    if (run.until === Infinity) hiddenForEver = Math.min(hiddenForEver, run.from)
    later = run
  }
  return bounded
}

/** Merges overlapping or adjacent spans of the same slot. */
function merged(spans: readonly ChangedSpan[]): ChangedSpan[] {
  return [...groupBy(spans, ({ slot }) => slotKey(slot)).values()].flatMap(ofSlot => {
    const found: ChangedSpan[] = []
    for (const span of ofSlot.toSorted((a, b) => a.from - b.from)) {
      const last = found.at(-1)
      if (last && span.from <= last.until) {
        last.until = Math.max(last.until, span.until)
        last.parts.push(...span.parts)
      } else found.push({ ...span, parts: [...span.parts] })
    }
    return found
  })
}

function differencesIn(
  { slot, parts, ...span }: ChangedSpan,
  standing: Standing,
  changed: ReadonlySet<string>,
): { put: StoredInterval[]; gone: StoredInterval[] } {
  const unchanged = standing.parts.filter(({ run }) => !changed.has(idKey(slot.tenant, run.deploymentId)))
  const gone = new Map(
    standing.intervals.filter(({ from }) => from >= span.from).map(interval => [interval.from, interval]),
  )
  const put: StoredInterval[] = []
  for (const interval of intervalsOfParts([...unchanged, ...parts], span)) {
    const stood = gone.get(interval.from)
    if (!stood || !isSame(stood, interval)) put.push({ ...interval, slot })
    gone.delete(interval.from)
  }
  return { put, gone: [...gone.values()].map(interval => ({ ...interval, slot })) }
}

function isSame(a: FollowingInterval, b: FollowingInterval): boolean {
  return (
    a.byRollback === b.byRollback &&
    a.newTag === b.newTag &&
    isSameDeployment(a.active, b.active) &&
    isSameDeployment(a.removed, b.removed)
  )
}

function isSameDeployment(a: FollowingInterval['active'], b: FollowingInterval['active']): boolean {
  return a?.deploymentId === b?.deploymentId && a?.imageTag === b?.imageTag && a?.deployedAt === b?.deployedAt
}
