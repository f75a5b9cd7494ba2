import type { ClientBase } from 'pg'
import { plainArray, textArray } from '#libs/postgres'
import { slotArrays, type Slot } from '../record/slot.js'
import { columnsOf, orderedBy, slotColumns, sameSlot, withId, withKey } from '../record/index-lookups.js'
import {
  instantOf,
  runOf,
  spanArrays,
  SPANS,
  intervalColumns,
  intervalOf,
  type SlotSpan,
  type RunRow,
  type IntervalRow,
} from './rows.js'
import { runUntilSql } from './run-sql.js'
import type { Run, RunPart, Interval } from './step-function.js'

/** An interval that is or will be stored. */
export interface StoredInterval extends Interval {
  slot: Slot
}

/** The last interval of each slot, in their order. */
export async function lastIntervals(connection: ClientBase, slots: readonly Slot[]): Promise<(Interval | undefined)[]> {
  const { rows } = await connection.query<IntervalRow & { n: number }>({
    name: 'last intervals',
    text: LAST,
    values: slotArrays(slots),
  })
  const intervals: (Interval | undefined)[] = slots.map(() => undefined)
  for (const row of rows) intervals[row.n - 1] = intervalOf(row)
  return intervals
}

export interface SlotDeployment {
  slot: Slot
  deploymentId: string
}

/** The spans of time in which each of these deployments is stored as active. */
export async function spansOf(connection: ClientBase, deployments: readonly SlotDeployment[]): Promise<SlotSpan[]> {
  if (deployments.length === 0) return []
  const { rows } = await connection.query<{ n: number; from: number; until: number }>({
    name: 'spans of deployments',
    text: SPANS_OF_DEPLOYMENTS,
    values: [
      textArray(deployments.map(({ slot }) => slot.tenant)),
      plainArray(deployments.map(({ deploymentId }) => deploymentId)),
    ],
  })
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
  connection: ClientBase,
  runs: readonly BoundedRun[],
  except: readonly SlotDeployment[],
): Promise<(SlotSpan | undefined)[]> {
  if (runs.length === 0) return []
  const spans = runs.map(({ slot, run, until }) => ({ slot, from: run.from, until }))
  const { rows } = await connection.query<{ n: number; hidden_at: number }>({
    name: 'spans of runs',
    text: HIDDEN_AT,
    values: [
      ...spanArrays(spans),
      plainArray(runs.map(({ run }) => instantOf(run.deployedAt))),
      plainArray(runs.map(({ run }) => run.logOrder)),
      plainArray(runs.map(({ run }) => instantOf(run.until))),
      textArray(except.map(({ slot }) => slot.tenant)),
      plainArray(except.map(({ deploymentId }) => deploymentId)),
    ],
  })
  const hidden = new Map(rows.map(({ n, hidden_at }) => [n - 1, hidden_at]))
  return spans.map((span, n) => {
    const until = hidden.get(n) ?? span.until
    return until > span.from ? { ...span, until } : undefined
  })
}

/** The intervals in a span and directly before it, in order of time; as parts of active deployments. */
export interface Standing {
  intervals: Interval[]
  parts: RunPart[]
}

/** Loads the intervals in each span, its ends included, and directly before it. */
export async function loadStanding(connection: ClientBase, spans: readonly SlotSpan[]): Promise<Standing[]> {
  const found: Standing[] = spans.map(() => ({ intervals: [], parts: [] }))
  if (spans.length === 0) return found
  const { rows } = await connection.query<IntervalRow & RunRow & { n: number }>({
    name: 'load intervals',
    text: STANDING,
    values: spanArrays(spans),
  })
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
export async function deleteIntervals(connection: ClientBase, intervals: readonly StoredInterval[]): Promise<void> {
  if (intervals.length === 0) return
  const values = [...slotArrays(intervals.map(({ slot }) => slot)), plainArray(intervals.map(s => instantOf(s.from)))]
  await connection.query({ name: 'delete intervals', text: DELETE, values })
}

/** Adds intervals to slots without later ones, which costs less than replacing. */
export async function appendIntervals(connection: ClientBase, intervals: readonly StoredInterval[]): Promise<void> {
  if (intervals.length === 0) return
  await connection.query({ name: 'append intervals', text: APPEND, values: columnsOfIntervals(intervals) })
}

/** Inserts or replaces intervals; each start of a slot occurs once. */
export async function putIntervals(connection: ClientBase, intervals: readonly StoredInterval[]): Promise<void> {
  if (intervals.length === 0) return
  await connection.query({ name: 'put intervals', text: PUT, values: columnsOfIntervals(intervals) })
}

function columnsOfIntervals(intervals: readonly StoredInterval[]): string[] {
  return [
    ...slotArrays(intervals.map(({ slot }) => slot)),
    plainArray(intervals.map(({ from }) => instantOf(from))),
    plainArray(intervals.map(({ active }) => active?.deploymentId)),
    textArray(intervals.map(({ active }) => active?.imageTag)),
    plainArray(intervals.map(({ active }) => active && instantOf(active.deployedAt))),
    plainArray(intervals.map(({ active }) => active?.logOrder)),
    plainArray(intervals.map(({ byRollback }) => byRollback)),
  ]
}

const beginning = [...slotColumns, 'from_at']

const LAST = `
  SELECT place.n::integer, s.* FROM unnest($1::text[], $2::text[], $3::text[])
    WITH ORDINALITY AS place(tenant, application, environment_name, n)
  CROSS JOIN LATERAL (
    SELECT ${intervalColumns('s')} FROM deployment_interval s WHERE ${sameSlot('s', 'place')}
    ORDER BY ${orderedBy('s', beginning, ' DESC')} LIMIT 1
  ) s`

const SPANS_OF_DEPLOYMENTS = `
  SELECT wanted.n::integer, milliseconds(s.from_at) AS from, coalesce(milliseconds(next.from_at), 'infinity') AS until
  FROM unnest($1::text[], $2::uuid[]) WITH ORDINALITY AS wanted(tenant, deployment_id, n)
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
  WITH except_for AS MATERIALIZED (SELECT * FROM unnest($9::text[], $10::uuid[]) AS each(tenant, deployment_id))
  SELECT run.n::integer, milliseconds(hiding.from_at) AS hidden_at
  FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::timestamptz[], $6::timestamptz[], $7::bigint[], $8::timestamptz[])
    WITH ORDINALITY AS run(tenant, application, environment_name, from_at, until_at, deployed_at, log_order, ends_at, n)
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
      AND (s.tenant, s.deployment_id) NOT IN (SELECT tenant, deployment_id FROM except_for)
    ORDER BY ${orderedBy('s', beginning)} LIMIT 1
  ) hiding`

const STANDING = `
  SELECT span.n::integer, ${intervalColumns('s')}, milliseconds(h.finished_at) AS finished_at, milliseconds(${runUntilSql('h')}) AS ends_at
  FROM ${SPANS}
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
    SELECT s.ctid FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[]) AS gone(tenant, application, environment_name, from_at)
    CROSS JOIN LATERAL (SELECT s.ctid FROM deployment_interval s WHERE ${withKey('s', 'gone', beginning)}) s
  ) gone WHERE s.ctid = gone.ctid`

const APPEND = `
  INSERT INTO deployment_interval
    (tenant, application, environment_name, from_at, deployment_id, image_tag, deployed_at, log_order, by_rollback)
  SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::uuid[], $6::text[], $7::timestamptz[],
    $8::bigint[], $9::boolean[])`

const PUT = `${APPEND}
  ON CONFLICT (tenant, application, environment_name, from_at) DO UPDATE SET deployment_id = excluded.deployment_id,
    image_tag = excluded.image_tag, deployed_at = excluded.deployed_at, log_order = excluded.log_order,
    by_rollback = excluded.by_rollback`
