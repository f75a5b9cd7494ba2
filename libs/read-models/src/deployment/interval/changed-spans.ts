import type { ClientBase } from 'pg'
import { deploymentKey, slotKey } from '../record/slot.js'
import { groupBy } from '../../sql/group-by.js'
import type { ChangedRun } from './changed-run.js'
import type { SlotSpan } from './rows.js'
import { startedBefore, intervalsOfParts, type Run, type RunPart, type Interval } from './step-function.js'
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

/** A span in which what ran may have changed, and what is known of it. */
interface ChangedSpan extends SlotSpan {
  parts: RunPart[]
}

/**
 * Finds again what ran in some places, after changes that are not news. What stands changes only where a changed deployment stood: there the
 * history is walked through; and where a changed deployment runs now: it is put on top of what stands. So the cost is that of the
 * intervals that change, not of the deployments that are hidden, or tied, beneath them.
 *
 * @param slots the changes of each place
 */
export async function refreshChangedSpans(
  connection: ClientBase,
  slots: readonly (readonly ChangedRun[])[],
): Promise<void> {
  if (slots.length === 0) return
  const stood = slots.flat().flatMap(({ slot, before }) => (before ? [{ slot, ...before }] : []))
  const changed = new Set(stood.map(({ slot, deploymentId }) => deploymentKey(slot.tenant, deploymentId)))
  const left = merged((await spansOf(connection, stood)).map(span => ({ ...span, parts: [] })))
  const walked = await walk(connection, left)
  const run = await activeSpans(connection, slots.flatMap(boundedRuns), stood)
  const spans = merged([...left.map((span, n) => ({ ...span, parts: walked[n]! })), ...run])
  const standing = await loadStanding(connection, spans)
  const differences = spans.map((span, n) => differencesIn(span, standing[n]!, changed))
  await deleteIntervals(
    connection,
    differences.flatMap(({ gone }) => gone),
  )
  await putIntervals(
    connection,
    differences.flatMap(({ put }) => put),
  )
}

async function activeSpans(
  connection: ClientBase,
  runs: readonly BoundedRun[],
  changed: readonly SlotDeployment[],
): Promise<ChangedSpan[]> {
  const spans = await spansOfRuns(connection, runs, changed)
  return spans.flatMap((span, n) => {
    const { run } = runs[n]!
    return span ? [{ ...span, parts: [{ run, from: run.from, until: run.until }] }] : []
  })
}

/** What runs now in one place, without what is hidden by others of them from its beginning on; bounded by where that begins. */
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

/** Spans of the same places, those that overlap or touch made one. */
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
  const unchanged = standing.parts.filter(({ run }) => !changed.has(deploymentKey(slot.tenant, run.deploymentId)))
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

function isSame(a: Interval, b: Interval): boolean {
  return (
    a.byRollback === b.byRollback &&
    a.active?.deploymentId === b.active?.deploymentId &&
    a.active?.deployedAt === b.active?.deployedAt
  )
}
