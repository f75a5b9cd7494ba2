import { rowSet, statement, type Query } from '#libs/postgres'
import { slotKeys, type Slot } from '../record/slot.js'
import { columnsOf, orderedBy, slotColumns } from '../record/index-lookups.js'
import { runOf, slotSpans, type SlotSpan, type RunRow } from './rows.js'
import type { RunPart } from './step-function.js'

/**
 * The active deployments in each span by the current history: parts in order of time, clipped to their span. Each part costs a few index
 * lookups, however many deployments are hidden by it.
 */
export async function walk(query: Query, spans: readonly SlotSpan[]): Promise<RunPart[][]> {
  const found: RunPart[][] = spans.map(() => [])
  if (spans.length === 0) return found
  const rows = await query<RunRow & { n: number; at: number }>(
    statement('active deployments of spans', WALK_SPANS, slotSpans.values(spans), { plan: 'once' }),
  )
  for (const [index, row] of rows.entries()) {
    if (row.deployment_id === null) continue
    const next = rows[index + 1]
    const until = next?.n === row.n ? next.at : spans[row.n - 1]!.until
    found[row.n - 1]!.push({ run: runOf(row), from: row.at, until })
  }
  return found
}

/** Replaces all intervals of slots within Postgres. */
export async function storeWholeSlots(query: Query, slots: readonly Slot[]): Promise<void> {
  await query(statement('delete intervals of slots', DELETE_SLOTS, wholeSlots.values(slots)))
  await query(statement('insert intervals of slots', INSERT_SLOTS, wholeSlots.values(slots)))
}

/** Number of the latest starts to examine before searching by time of rollback. */
const NEAR = 32

const slot = (a: string) => columnsOf(a, slotColumns)
const outcomeColumns = [...slotColumns, 'status', 'deployed_at', 'log_order']
const latestByOutcome = (a: string) => orderedBy(a, outcomeColumns, ' DESC')

const rolledBackUntil = `
  (${slot('h')}, h.status, h.deployed_at) <= (${slot('at')}, 'ROLLED_BACK', at.at)
  AND (${slot('h')}, h.status) >= (${slot('at')}, 'ROLLED_BACK') AND h.succeeded
  ORDER BY ${latestByOutcome('h')}`
const startedAfter = (a: string, b: string) =>
  `(${a}.deployed_at, ${a}.log_order) > (coalesce(${b}.deployed_at, '-infinity'), coalesce(${b}.log_order, 0))`

// The active deployment at an instant of a slot, a row `at`: of those that had finished and were not rolled back yet, the one that started
// last. Those that were rolled back later are searched among the last few starts (`near`). `base`: the last one that was never rolled back,
// if it started after these. If the last few were rolled back early, one that was not may have started before them (`far`).
const ACTIVE_AT = `
  SELECT ${['deployment_id', 'image_tag', 'deployed_at', 'log_order', 'finished_at']
    .map(name => `coalesce(far.${name}, base.${name}, near.${name}) AS ${name}`)
    .join(', ')},
    CASE WHEN far.deployment_id IS NOT NULL THEN far.rolled_back_at WHEN base.deployment_id IS NOT NULL THEN 'infinity'
      ELSE coalesce(near.rolled_back_at, 'infinity') END AS ends_at,
    CASE WHEN far.deployment_id IS NULL THEN base.removed_at END AS removed_at
  FROM (SELECT) AS always LEFT JOIN LATERAL (
    SELECT latest.* FROM (
      SELECT h.* FROM deployment_history h WHERE ${rolledBackUntil} LIMIT ${NEAR}
    ) latest
    WHERE latest.finished_at <= at.at AND latest.rolled_back_at > at.at
    ORDER BY latest.deployed_at DESC, latest.log_order DESC LIMIT 1
  ) near ON true LEFT JOIN LATERAL (
    SELECT h.* FROM deployment_history h
    WHERE (${slot('h')}, h.status, h.deployed_at) <= (${slot('at')}, 'DEPLOYED', at.at)
      AND (${columnsOf('h', outcomeColumns)})
        > (${slot('at')}, 'DEPLOYED', coalesce(near.deployed_at, '-infinity'), coalesce(near.log_order, 0))
      AND h.succeeded AND h.finished_at <= at.at
    ORDER BY ${latestByOutcome('h')} LIMIT 1
  ) base ON true LEFT JOIN LATERAL (
    SELECT marked.* FROM (
      SELECT h.* FROM deployment_history h
      WHERE (${slot('h')}, h.rolled_back_at) > (${slot('at')}, at.at) AND (${slot('h')}) <= (${slot('at')})
        AND h.succeeded AND h.rolled_back_at > h.finished_at
      ORDER BY ${orderedBy('h', [...slotColumns, 'rolled_back_at'])} OFFSET 0
    ) marked
    WHERE near.deployment_id IS NULL AND marked.status = 'ROLLED_BACK' AND marked.finished_at <= at.at
      AND ${startedAfter('marked', 'base')} AND EXISTS (
        SELECT FROM (
          SELECT h.deployed_at, h.log_order FROM deployment_history h WHERE ${rolledBackUntil} LIMIT 1 OFFSET ${NEAR}
        ) h WHERE ${startedAfter('h', 'base')}
      )
    ORDER BY marked.deployed_at DESC, marked.log_order DESC LIMIT 1
  ) far ON true`

// The next instant at which it can change: the end of the active deployment, or the finish of one that started later and was active for
// some time.
const NEXT = `
  SELECT least(step.ends_at, (
    SELECT h.finished_at FROM deployment_history h
    WHERE (${slot('h')}, h.finished_at) > (${slot('step')}, step.at)
      AND (${slot('h')}, h.finished_at) < (${slot('step')}, step.until_at) AND h.succeeded
      AND (h.deployed_at, h.log_order) > (coalesce(step.deployed_at, '-infinity'), coalesce(step.log_order, 0))
      AND (h.status = 'DEPLOYED' OR h.rolled_back_at > h.finished_at)
    ORDER BY ${orderedBy('h', [...slotColumns, 'finished_at', 'log_order'])} LIMIT 1
  )) AS at`

const walkSql = (spans: string) => `
  step AS (
    SELECT span.n::integer, ${slot('span')}, span.until_at, at.at, found.*
    FROM ${spans} CROSS JOIN LATERAL (SELECT ${slot('span')}, span.from_at AS at) at CROSS JOIN LATERAL (${ACTIVE_AT}) found
    UNION ALL
    SELECT step.n, ${slot('step')}, step.until_at, at.at, found.*
    FROM step CROSS JOIN LATERAL (${NEXT} OFFSET 0) next CROSS JOIN LATERAL (SELECT ${slot('step')}, next.at OFFSET 0) at
    CROSS JOIN LATERAL (${ACTIVE_AT}) found
    WHERE next.at < step.until_at
  )`

const WALK_SPANS = `
  WITH RECURSIVE ${walkSql(slotSpans.numbered)}
  SELECT n, milliseconds(at) AS at, deployment_id, image_tag, milliseconds(deployed_at) AS deployed_at, log_order,
    milliseconds(finished_at) AS finished_at, milliseconds(ends_at) AS ends_at,
    milliseconds(removed_at) AS removed_at
  FROM step ORDER BY n, at`

const wholeSlots = rowSet<Slot>('whole', slotKeys)

const DELETE_SLOTS = `
  DELETE FROM deployment_interval s USING ${wholeSlots.sql}
  WHERE (${slot('s')}) = (${slot('whole')})`

// The first step has no active deployment, before all known ones.
const INSERT_SLOTS = `
  WITH RECURSIVE ${walkSql(`(
    SELECT *, '-infinity'::timestamptz AS from_at, 'infinity'::timestamptz AS until_at
    FROM ${wholeSlots.numbered}
  ) span`)}, change AS (
    SELECT *, lag(ends_at) OVER span AS end_before, lag(log_order) OVER span AS order_before,
      lag(image_tag) OVER span AS tag_before, lag(removed_at) OVER span AS removed_before, lead(at) OVER span AS next_at
    FROM step WINDOW span AS (PARTITION BY n ORDER BY at)
  )
  INSERT INTO deployment_interval
    (tenant, application, environment_name, from_at, deployment_id, image_tag, deployed_at, log_order, by_rollback, new_tag, removed)
  SELECT ${slot('change')}, at, deployment_id, image_tag, deployed_at, log_order,
    coalesce(end_before = at, false) AND NOT coalesce((finished_at = at OR removed_at = at) AND log_order > order_before, false),
    image_tag IS NOT NULL AND NOT coalesce(removed_at <= at, false)
      AND (image_tag IS DISTINCT FROM tag_before OR coalesce(removed_before < at, false)),
    coalesce(removed_at <= at, false)
  FROM change WHERE at > '-infinity'
  UNION ALL SELECT ${slot('change')}, removed_at, deployment_id, image_tag, deployed_at, log_order, false, false, true
  FROM change WHERE removed_at > at AND removed_at < coalesce(next_at, 'infinity')`
