import { rowSet, statement, type Column, type Query } from '#libs/postgres'
import { slotKeys, slotKeysOf, type Slot } from '../record/slot.js'
import { columnsOf, orderedBy, slotColumns, sameSlot, withId, withKey } from '../record/index-lookups.js'
import {
  instantOf,
  runOf,
  slotSpans,
  intervalColumns,
  intervalOf,
  type SlotSpan,
  type RunRow,
  type IntervalRow,
} from './rows.js'
import { activeUntil } from '../record/rules.sql.js'
import type { FollowingInterval, Run, RunPart } from './step-function.js'

/** An interval that is or will be stored. */
export interface StoredInterval extends FollowingInterval {
  slot: Slot
}

/** The last interval of each slot, in their order. */
export async function lastIntervals(query: Query, slots: readonly Slot[]): Promise<(FollowingInterval | undefined)[]> {
  const rows = await query<IntervalRow & { n: number }>(
    statement('last intervals', LAST, slotRows.values(slots), { plan: 'once' }),
  )
  const intervals: (FollowingInterval | undefined)[] = slots.map(() => undefined)
  for (const row of rows) intervals[row.n - 1] = intervalOf(row)
  return intervals
}

export interface SlotDeployment {
  slot: Slot
  deploymentId: string
}

/** The spans of time in which each of these deployments is stored as active. */
export async function spansOf(query: Query, deployments: readonly SlotDeployment[]): Promise<SlotSpan[]> {
  if (deployments.length === 0) return []
  const rows = await query<{ n: number; from: number; until: number }>(
    statement('spans of deployments', SPANS_OF_DEPLOYMENTS, wantedDeployments.values(deployments), { plan: 'once' }),
  )
  return rows.map(({ n, from, until }) => ({ slot: deployments[n - 1]!.slot, from, until }))
}

/** A run, and a bound of the span in which it can be active. */
export interface BoundedRun {
  slot: Slot
  run: Run
  until: number
}

/**
 * For each run the span in which it can be active, as short as the stored intervals tell: up to one that started later and lasted as long.
 * `undefined` if that is so from its start.
 *
 * @param except changed deployments, whose stored intervals are ignored
 */
export async function spansOfRuns(
  query: Query,
  runs: readonly BoundedRun[],
  except: readonly SlotDeployment[],
): Promise<(SlotSpan | undefined)[]> {
  if (runs.length === 0) return []
  const spans = runs.map(({ slot, run, until }) => ({ slot, from: run.from, until }))
  const values = { ...boundedRuns.values(runs), ...changedDeployments.values(except) }
  const rows = await query<{ n: number; hidden_at: number }>(
    statement('spans of runs', HIDDEN_AT, values, { plan: 'once' }),
  )
  const hidden = new Map(rows.map(({ n, hidden_at }) => [n - 1, hidden_at]))
  return spans.map((span, n) => {
    const until = hidden.get(n) ?? span.until
    return until > span.from ? { ...span, until } : undefined
  })
}

/** The intervals in a span and directly before it, in order of time; as parts of active deployments. */
export interface Standing {
  intervals: FollowingInterval[]
  parts: RunPart[]
}

/** Loads the intervals in each span, its ends included, and directly before it. */
export async function loadStanding(query: Query, spans: readonly SlotSpan[]): Promise<Standing[]> {
  const found: Standing[] = spans.map(() => ({ intervals: [], parts: [] }))
  if (spans.length === 0) return found
  const rows = await query<IntervalRow & RunRow & { n: number }>(
    statement('load intervals', LOAD, slotSpans.values(spans), { plan: 'once' }),
  )
  for (const [index, row] of rows.entries()) {
    const { intervals, parts } = found[row.n - 1]!
    intervals.push(intervalOf(row))
    const next = rows[index + 1]
    if (row.deployment_id !== null) {
      parts.push({ run: runOf(row), from: row.from, until: next?.n === row.n ? next.from : Infinity })
    }
  }
  return found
}

/** Deletes intervals. */
export async function deleteIntervals(query: Query, intervals: readonly StoredInterval[]): Promise<void> {
  if (intervals.length === 0) return
  await query(statement('delete intervals', DELETE, deletedIntervals.values(intervals), { plan: 'once' }))
}

/** Adds intervals to slots without later ones, which costs less than replacing. */
export async function appendIntervals(query: Query, intervals: readonly StoredInterval[]): Promise<void> {
  if (intervals.length === 0) return
  await query(statement('append intervals', APPEND, intervalRows.values(intervals), { plan: 'once' }))
}

/** Inserts or replaces intervals; each start of a slot occurs once. */
export async function putIntervals(query: Query, intervals: readonly StoredInterval[]): Promise<void> {
  if (intervals.length === 0) return
  await query(statement('put intervals', PUT, intervalRows.values(intervals), { plan: 'once' }))
}

const deploymentOf = ({ active, removed }: FollowingInterval) => active ?? removed
const startOf = (interval: FollowingInterval) => {
  const deployment = deploymentOf(interval)
  return deployment && instantOf(deployment.deployedAt)
}
const keysOfSlot = slotKeysOf<{ slot: Slot }>(({ slot }) => slot)
const keysOfInterval: Column<StoredInterval>[] = [
  ...keysOfSlot,
  { name: 'from_at', type: 'timestamptz', value: ({ from }) => instantOf(from) },
]
const slotRows = rowSet('slot', slotKeys)
const deletedIntervals = rowSet('outdated', keysOfInterval)
const intervalRows = rowSet('interval', [
  ...keysOfInterval,
  { name: 'deployment_id', type: 'uuid', value: interval => deploymentOf(interval)?.deploymentId },
  { name: 'image_tag', type: 'text', value: interval => deploymentOf(interval)?.imageTag },
  { name: 'deployed_at', type: 'timestamptz', value: interval => startOf(interval) },
  { name: 'log_order', type: 'bigint', value: interval => deploymentOf(interval)?.logOrder },
  { name: 'by_rollback', type: 'boolean', value: ({ byRollback }) => byRollback },
  { name: 'new_tag', type: 'boolean', value: ({ newTag }) => newTag },
  { name: 'removed', type: 'boolean', value: ({ removed }) => removed !== undefined },
])
const boundedRuns = rowSet<BoundedRun>('run', [
  ...keysOfSlot,
  { name: 'from_at', type: 'timestamptz', value: ({ run }) => instantOf(run.from) },
  { name: 'until_at', type: 'timestamptz', value: ({ until }) => instantOf(until) },
  { name: 'deployed_at', type: 'timestamptz', value: ({ run }) => instantOf(run.deployedAt) },
  { name: 'log_order', type: 'bigint', value: ({ run }) => run.logOrder },
  { name: 'ends_at', type: 'timestamptz', value: ({ run }) => instantOf(run.until) },
])
const keysOfDeployment: Column<SlotDeployment>[] = [
  { name: 'tenant', type: 'text', value: ({ slot }) => slot.tenant },
  { name: 'deployment_id', type: 'uuid', value: ({ deploymentId }) => deploymentId },
]
const wantedDeployments = rowSet('wanted', keysOfDeployment)
const changedDeployments = rowSet('changed', keysOfDeployment)

const beginning = [...slotColumns, 'from_at']

const LAST = `
  SELECT slot.n::integer, s.* FROM ${slotRows.numbered}
  CROSS JOIN LATERAL (
    SELECT ${intervalColumns('s')} FROM deployment_interval s WHERE ${sameSlot('s', 'slot')}
    ORDER BY ${orderedBy('s', beginning, ' DESC')} LIMIT 1
  ) s`

const SPANS_OF_DEPLOYMENTS = `
  SELECT wanted.n::integer, milliseconds(s.from_at) AS from, coalesce(milliseconds(next.from_at), 'infinity') AS until
  FROM ${wantedDeployments.numbered}
  CROSS JOIN LATERAL (
    SELECT s.* FROM deployment_interval s WHERE ${withId('s', 'wanted')}
  ) s
  LEFT JOIN LATERAL (
    SELECT next.from_at FROM deployment_interval next
    WHERE (${columnsOf('next', beginning)}) > (${columnsOf('s', beginning)})
      AND (${columnsOf('next', slotColumns)}) <= (${columnsOf('s', slotColumns)})
    ORDER BY ${orderedBy('next', beginning)} LIMIT 1
  ) next ON true`

const HIDDEN_AT = `
  WITH changed_deployment AS MATERIALIZED (SELECT * FROM ${changedDeployments.sql})
  SELECT run.n::integer, milliseconds(hiding.from_at) AS hidden_at
  FROM ${boundedRuns.numbered}
  LEFT JOIN LATERAL (
    SELECT s.from_at FROM deployment_interval s
    WHERE (${columnsOf('s', beginning)}) <= (${columnsOf('run', beginning)})
      AND (${columnsOf('s', slotColumns)}) >= (${columnsOf('run', slotColumns)})
    ORDER BY ${orderedBy('s', beginning, ' DESC')} LIMIT 1
  ) first ON true
  CROSS JOIN LATERAL (
    SELECT s.from_at FROM deployment_interval s
    CROSS JOIN LATERAL (SELECT h.status, h.rolled_back_at FROM deployment_history h WHERE ${withId('h', 's')}) h
    WHERE (${columnsOf('s', beginning)}) >= (${columnsOf('run', slotColumns)}, coalesce(first.from_at, run.from_at))
      AND (${columnsOf('s', beginning)}) <= (${columnsOf('run', slotColumns)}, run.until_at)
      AND (s.deployed_at, s.log_order) > (run.deployed_at, run.log_order)
      AND (h.status = 'DEPLOYED' OR h.rolled_back_at >= run.ends_at)
      AND (s.tenant, s.deployment_id) NOT IN (SELECT tenant, deployment_id FROM changed_deployment)
    ORDER BY ${orderedBy('s', beginning)} LIMIT 1
  ) hiding`

const LOAD = `
  SELECT span.n::integer, ${intervalColumns('s')}, milliseconds(h.finished_at) AS finished_at, milliseconds(${activeUntil('h')}) AS ends_at,
    milliseconds(h.removed_at) AS removed_at
  FROM ${slotSpans.numbered}
  LEFT JOIN LATERAL (
    SELECT s.from_at FROM deployment_interval s
    WHERE (${columnsOf('s', beginning)}) < (${columnsOf('span', beginning)})
      AND (${columnsOf('s', slotColumns)}) >= (${columnsOf('span', slotColumns)})
    ORDER BY ${orderedBy('s', beginning, ' DESC')} LIMIT 1
  ) before ON true
  CROSS JOIN LATERAL (
    SELECT s.* FROM deployment_interval s
    WHERE (${columnsOf('s', beginning)}) >= (${columnsOf('span', slotColumns)}, coalesce(before.from_at, span.from_at))
      AND (${columnsOf('s', beginning)}) <= (${columnsOf('span', slotColumns)}, span.until_at)
    ORDER BY ${orderedBy('s', beginning)} OFFSET 0
  ) s
  LEFT JOIN LATERAL (SELECT h.* FROM deployment_history h WHERE ${withId('h', 's')}) h ON true
  ORDER BY span.n, s.from_at`

const DELETE = `
  DELETE FROM deployment_interval s USING (
    SELECT s.ctid FROM ${deletedIntervals.sql}
    CROSS JOIN LATERAL (SELECT s.ctid FROM deployment_interval s WHERE ${withKey('s', 'outdated', beginning)}) s
  ) outdated WHERE s.ctid = outdated.ctid`

const APPEND = `
  INSERT INTO deployment_interval (${intervalRows.columns}) SELECT * FROM ${intervalRows.sql}`

const PUT = `${APPEND}
  ON CONFLICT (tenant, application, environment_name, from_at) DO UPDATE SET deployment_id = excluded.deployment_id,
    image_tag = excluded.image_tag, deployed_at = excluded.deployed_at, log_order = excluded.log_order,
    by_rollback = excluded.by_rollback, new_tag = excluded.new_tag, removed = excluded.removed`
