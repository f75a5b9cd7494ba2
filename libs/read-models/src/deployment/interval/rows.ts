import { rowSet } from '#libs/postgres'
import { slotKeysOf, type Slot } from '../record/slot.js'
import type { FollowingInterval, Interval, Run, Span } from './step-function.js'

/** A span of time in one slot. */
export interface SlotSpan extends Span {
  slot: Slot
}

/** An interval as read by statements; instants are milliseconds since 1970. */
export interface IntervalRow {
  from: number
  deployment_id: string | null
  image_tag: string | null
  deployed_at: number | null
  log_order: string | null
  by_rollback: boolean
  new_tag: boolean
  /** Whether the deployment was removed, so that none is active. */
  removed: boolean
}

/** A deployment that is active, or was until it was removed, as read by statements; there is none without an id. */
export interface RunRow extends Pick<IntervalRow, 'deployment_id' | 'image_tag' | 'deployed_at' | 'log_order'> {
  finished_at: number
  ends_at: number
  removed_at: number | null
}

/** SQL: the columns of an interval row. */
export const intervalColumns = (s: string): string =>
  `milliseconds(${s}.from_at) AS from, ${s}.deployment_id, ${s}.image_tag, milliseconds(${s}.deployed_at) AS deployed_at,
    ${s}.log_order, ${s}.by_rollback, ${s}.new_tag, ${s}.removed`

export function intervalOf(row: IntervalRow): FollowingInterval {
  const begun = { from: row.from, byRollback: row.by_rollback, newTag: row.new_tag }
  return row.removed ? { ...begun, removed: activeOf(row) } : { ...begun, active: activeOf(row) }
}

export function runOf(row: RunRow): Run {
  return { ...activeOf(row)!, from: row.finished_at, until: row.ends_at, ...removedAt(row) }
}

/** The time of the removal of a run, if it was removed. */
export function removedAt({ removed_at }: Pick<RunRow, 'removed_at'>): Pick<Run, 'removedAt'> {
  return removed_at === null ? {} : { removedAt: removed_at }
}

function activeOf(
  row: Pick<IntervalRow, 'deployment_id' | 'image_tag' | 'deployed_at' | 'log_order'>,
): Interval['active'] {
  const { deployment_id, image_tag, deployed_at, log_order } = row
  if (deployment_id === null) return undefined
  return {
    deploymentId: deployment_id,
    imageTag: image_tag!,
    deployedAt: deployed_at!,
    logOrder: BigInt(log_order!),
  }
}

/** An instant in Postgres' form. */
export function instantOf(milliseconds: number): string {
  if (Math.abs(milliseconds) === Infinity) return milliseconds > 0 ? 'infinity' : '-infinity'
  return new Date(milliseconds).toISOString()
}

/** Spans, for statements. */
export const slotSpans = rowSet<SlotSpan>('span', [
  ...slotKeysOf<SlotSpan>(({ slot }) => slot),
  { name: 'from_at', type: 'timestamptz', value: ({ from }) => instantOf(from) },
  { name: 'until_at', type: 'timestamptz', value: ({ until }) => instantOf(until) },
])
