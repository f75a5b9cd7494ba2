import type { ClientBase } from 'pg'
import { plainArray, textArray } from '../array-literal.js'
import { placeArrays, type Place } from '../deployment-history/place.js'
import { fromThereOn, justBefore, samePlace } from '../deployment-history/probes.js'
import type { ChangedStretch } from './changed-stretch.js'
import { runUntilSql } from './run-sql.js'
import type { Run, Stint, Stretch } from './step-function.js'

/** A stint as it stands, or shall stand. */
export interface StoredStint extends Stint {
  place: Place
}

/** The last stint of each place, in their order. */
export async function lastStints(connection: ClientBase, places: readonly Place[]): Promise<(Stint | undefined)[]> {
  const { rows } = await connection.query<StintRow & { n: number }>({
    name: 'last stints',
    text: LAST,
    values: placeArrays(places),
  })
  const stints: (Stint | undefined)[] = places.map(() => undefined)
  for (const row of rows) stints[row.n - 1] = stintOf(row)
  return stints
}

/** A stretch as short as it may be, what stands in it, and what can have run just before it or in it. */
export interface FoundStretch extends Stretch {
  place: Place
  stints: Stint[]
  runs: Run[]
}

/** Finds what stretches hold, and what they could; those where there is neither are left out. */
export async function findStretches(
  connection: ClientBase,
  stretches: readonly ChangedStretch[],
): Promise<FoundStretch[]> {
  const values = [
    ...placeArrays(stretches.map(({ place }) => place)),
    plainArray(stretches.map(({ from }) => instantOf(from))),
    plainArray(stretches.map(({ until }) => instantOf(until))),
    plainArray(stretches.map(({ top }) => instantOf(top?.deployedAt ?? Infinity))),
    plainArray(stretches.map(({ top }) => top?.logOrder ?? 0)),
  ]
  const { rows } = await connection.query<FoundRow>({ name: 'find stretches', text: FIND, values })
  const found = new Map<number, FoundStretch>()
  for (const row of rows) {
    const { place, from } = stretches[row.n - 1]!
    const stretch = found.get(row.n) ?? { place, from, until: row.stretch_until, stints: [], runs: [] }
    found.set(row.n, stretch)
    if (row.until === null) stretch.stints.push(stintOf(row))
    else stretch.runs.push({ ...runningOf(row)!, from: row.from, until: row.until })
  }
  return [...found.values()]
}

/** Takes stints away. */
export async function deleteStints(connection: ClientBase, stints: readonly StoredStint[]): Promise<void> {
  if (stints.length === 0) return
  const values = [...placeArrays(stints.map(({ place }) => place)), plainArray(stints.map(s => instantOf(s.from)))]
  await connection.query({ name: 'delete stints', text: DELETE, values })
}

/** Adds stints to places that have none from then on: cheaper than to put them. */
export async function appendStints(connection: ClientBase, stints: readonly StoredStint[]): Promise<void> {
  if (stints.length === 0) return
  await connection.query({ name: 'append stints', text: APPEND, values: columnsOf(stints) })
}

/** Puts stints, each beginning of a place there once. */
export async function putStints(connection: ClientBase, stints: readonly StoredStint[]): Promise<void> {
  if (stints.length === 0) return
  await connection.query({ name: 'put stints', text: PUT, values: columnsOf(stints) })
}

function columnsOf(stints: readonly StoredStint[]): string[] {
  return [
    ...placeArrays(stints.map(({ place }) => place)),
    plainArray(stints.map(({ from }) => instantOf(from))),
    plainArray(stints.map(({ running }) => running?.deploymentId)),
    textArray(stints.map(({ running }) => running?.imageTag)),
    plainArray(stints.map(({ running }) => running && instantOf(running.deployedAt))),
    plainArray(stints.map(({ running }) => running?.logOrder)),
    plainArray(stints.map(({ byRollback }) => byRollback)),
  ]
}

function instantOf(milliseconds: number): string {
  if (Math.abs(milliseconds) === Infinity) return milliseconds > 0 ? 'infinity' : '-infinity'
  return new Date(milliseconds).toISOString()
}

interface StintRow {
  from: number
  deployment_id: string | null
  image_tag: string | null
  deployed_at: number | null
  log_order: string | null
  by_rollback: boolean
}

interface FoundRow extends StintRow {
  n: number
  stretch_until: number
  /** Of a run; `null`: it is a stint that stands there. */
  until: number | null
}

function stintOf(row: StintRow): Stint {
  return { from: row.from, running: runningOf(row), byRollback: row.by_rollback }
}

function runningOf({ deployment_id, image_tag, deployed_at, log_order }: StintRow): Stint['running'] {
  if (deployment_id === null) return undefined
  return {
    deploymentId: deployment_id,
    imageTag: image_tag!,
    deployedAt: deployed_at!,
    logOrder: BigInt(log_order!),
  }
}

const LAST = `
  SELECT place.n::integer, s.* FROM unnest($1::text[], $2::text[], $3::text[])
    WITH ORDINALITY AS place(tenant, application, environment_name, n)
  CROSS JOIN LATERAL (
    SELECT milliseconds(s.from_at) AS from, s.deployment_id, s.image_tag, milliseconds(s.deployed_at) AS deployed_at,
      s.log_order, s.by_rollback
    FROM deployment_stint s WHERE ${samePlace('s', 'place')}
    ORDER BY s.tenant DESC, s.application DESC, s.environment_name DESC, s.from_at DESC LIMIT 1
  ) s`

// A success that was never rolled back hides, from its finish on, all that started before it. So a stretch ends with the finish of one
// that started after all that changed, and of what started before it only the last one that had finished, and what
// started after that, can have run in it.
const FIND = `
  WITH stretch AS (
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::timestamptz[], $6::timestamptz[], $7::bigint[])
      WITH ORDINALITY AS stretch(tenant, application, environment_name, from_at, until_at, deployed_at, log_order, n)
  ), bounded AS MATERIALIZED (
    SELECT stretch.n::integer, stretch.tenant, stretch.application, stretch.environment_name, stretch.from_at,
      least(stretch.until_at, above.finished_at) AS until_at, coalesce(base.deployed_at, '-infinity') AS deployed_at,
      coalesce(base.log_order, 0) AS log_order
    FROM stretch
    LEFT JOIN LATERAL (
      SELECT h.finished_at FROM deployment_history h
      WHERE ${fromThereOn('h', 'stretch', `h.status = 'DEPLOYED' AND h.log_order <> stretch.log_order`)} LIMIT 1
    ) above ON true
    CROSS JOIN LATERAL (
      SELECT stretch.tenant, stretch.application, stretch.environment_name, stretch.from_at AS deployed_at, 0::bigint AS log_order
    ) start
    LEFT JOIN LATERAL (
      SELECT h.deployed_at, h.log_order FROM deployment_history h
      WHERE ${justBefore('h', 'start', `h.status = 'DEPLOYED' AND h.finished_at < start.deployed_at`)} LIMIT 1
    ) base ON true
  )
  SELECT bounded.n, milliseconds(bounded.until_at) AS stretch_until, milliseconds(s.from_at) AS from, NULL::double precision AS until,
    s.deployment_id, s.image_tag, milliseconds(s.deployed_at) AS deployed_at, s.log_order, s.by_rollback
  FROM bounded CROSS JOIN LATERAL (
    SELECT s.* FROM deployment_stint s
    WHERE ${samePlace('s', 'bounded')} AND s.from_at >= bounded.from_at AND s.from_at <= bounded.until_at
  ) s
  UNION ALL
  SELECT bounded.n, milliseconds(bounded.until_at), milliseconds(h.finished_at),
    milliseconds(${runUntilSql('h')}),
    h.deployment_id, h.image_tag, milliseconds(h.deployed_at), h.log_order, false
  FROM bounded CROSS JOIN LATERAL (
    SELECT h.* FROM deployment_history h
    WHERE (h.tenant, h.application, h.environment_name, h.deployed_at)
      <= (bounded.tenant, bounded.application, bounded.environment_name, bounded.until_at)
      AND ${fromThereOn(
        'h',
        'bounded',
        `h.succeeded AND h.finished_at <= bounded.until_at AND (h.status = 'DEPLOYED'
        OR h.rolled_back_at > h.finished_at AND h.rolled_back_at >= bounded.from_at)`,
      )}
  ) h`

const DELETE = `
  DELETE FROM deployment_stint s
  USING unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[]) AS gone(tenant, application, environment_name, from_at)
  WHERE ${samePlace('s', 'gone')} AND s.from_at = gone.from_at`

const APPEND = `
  INSERT INTO deployment_stint
    (tenant, application, environment_name, from_at, deployment_id, image_tag, deployed_at, log_order, by_rollback)
  SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::uuid[], $6::text[], $7::timestamptz[],
    $8::bigint[], $9::boolean[])`

const PUT = `${APPEND}
  ON CONFLICT (tenant, application, environment_name, from_at) DO UPDATE SET deployment_id = excluded.deployment_id,
    image_tag = excluded.image_tag, deployed_at = excluded.deployed_at, log_order = excluded.log_order,
    by_rollback = excluded.by_rollback`
