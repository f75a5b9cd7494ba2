import type { Query } from '#libs/postgres'
import type { DeploymentChange } from '../record/fold.js'
import { slotKey } from '../record/slot.js'
import { groupBy } from '../../sql/group-by.js'
import { changedRun, type ChangedRun } from './changed-run.js'
import { refreshChangedSpans } from './changed-spans.js'
import { intervalsOf, type FollowingInterval, type Interval, type Run } from './step-function.js'
import { appendIntervals, lastIntervals, type StoredInterval } from './stored.js'

/** Recomputes the intervals that a batch has changed. */
export async function refreshIntervals(query: Query, changes: readonly DeploymentChange[]): Promise<void> {
  const changedRuns = changes.map(changedRun).filter(changed => changed !== undefined)
  const slots = [...groupBy(changedRuns, ({ slot }) => slotKey(slot)).values()]
  if (slots.length === 0) return
  const lasts = await lastIntervals(
    query,
    slots.map(([{ slot }]: ChangedRun[]) => slot),
  )
  const appended: StoredInterval[] = []
  const others: ChangedRun[][] = []
  for (const [n, changed] of slots.entries()) {
    const intervals = appendedIntervals(lasts[n], changed)
    if (intervals) for (const interval of intervals) appended.push({ ...interval, slot: changed[0]!.slot })
    else others.push(changed)
  }
  await appendIntervals(query, appended)
  await refreshChangedSpans(query, others)
}

// Nearly all deployments finish after the last change of their slot. From that change on, only its deployment has been active, so no lookup
// is needed.
function appendedIntervals(
  last: Interval | undefined,
  changed: readonly ChangedRun[],
): FollowingInterval[] | undefined {
  const since = last?.from ?? -Infinity
  const [active, removed] = [last?.active, last?.removed]
  const runs: Run[] = [
    ...(active ? [{ ...active, from: since, until: Infinity }] : []),
    ...(removed ? [{ ...removed, from: since, until: Infinity, removedAt: since }] : []),
  ]
  for (const { before, now } of changed) {
    if (before || !now || now.from <= since) return undefined
    runs.push(now)
  }
  return intervalsOf(runs, { from: since + 1, until: Infinity })
}
