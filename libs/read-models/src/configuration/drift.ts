import { secretMask } from '#libs/contracts'
import { positionsSql, type Answer, type Page } from '../answer.js'
import { decodeCursor, encodeCursor } from '../cursor.js'
import type { Query } from '../query.js'
import type { DiffRequest } from './diff.js'
import { heldKeys, seenChanges } from './held.js'

export interface DriftRequest extends DiffRequest {
  /** Rows at most, 1 to 500. */
  limit: number
  cursor?: string
}

export interface DriftAnswer {
  /** Both by the pipeline's names. */
  source: string
  target: string
  /** Of both, those that the tenant's pipeline does not know and that never held anything, as they were asked for. */
  unknown: string[]
  /** Rows of one part. */
  rows: Page
  asOf: string
}

/**
 * The keys whose values differ between two environments, configurations first, by code point: since when, for how long, and what began
 * it. `since` is the start of the unbroken stretch in which they differ: of several changes in one instant only the outcome counts, and
 * the later one in the log is the cause. Throws InvalidCursor.
 */
export async function configurationDrift(query: Query, request: DriftRequest): Promise<Answer<DriftAnswer>> {
  const { tenant, source, target, asOf, knownAt, limit, cursor } = request
  const list = { list: 'drift', source, target, asOf, knownAt }
  const values: unknown[] = [tenant, limit, source, target, asOf ?? null]
  const bind = (value: unknown) => `$${values.push(value)}`
  const place = cursor === undefined ? undefined : decodeCursor(cursor, list, isPlace)
  const further = place ? `AND (kind, key) > (${bind(place[0])}, ${bind(place[1])})` : ''
  const sides = [source, target].map(environment => ({ environment, asOf, knownAt }))
  const [ofSource, ofTarget] = sides.map(side => heldKeys(side, bind))
  const [inSource, inTarget] = sides.map(side => seenChanges(side, bind))
  const text = `
    WITH environments AS MATERIALIZED (
      SELECT environment_name($1, $3) AS source, environment_name($1, $4) AS target,
        coalesce($5::timestamptz, date_trunc('milliseconds', statement_timestamp())) AS as_of
    ), differing AS MATERIALIZED (
      SELECT kind, key, CASE WHEN target.hash IS NULL THEN 'added' WHEN source.hash IS NULL THEN 'removed' ELSE 'modified' END AS state,
        ${shown('source')} AS source_value, ${shown('target')} AS target_value
      FROM (${ofSource}) source FULL JOIN (${ofTarget}) target USING (kind, key)
      WHERE source.hash IS DISTINCT FROM target.hash
    ), page AS MATERIALIZED (
      SELECT differing.*, row_number() OVER (ORDER BY kind, key) AS n FROM differing
      WHERE true ${further} ORDER BY kind, key LIMIT $2::int + 1
    ), change AS MATERIALIZED (
      ${[inSource, inTarget]
        .map(
          (seen, side) => `SELECT h.*, ${side} AS side FROM page CROSS JOIN LATERAL (
        SELECT h.* FROM configuration_history h WHERE ${seen} AND h.kind = page.kind AND h.key = page.key
      ) h`,
        )
        .join(' UNION ALL ')}
    ), instant AS (
      SELECT change.kind, change.key, change.changed_at, change.seq, change.revision, change.side,
        max(revision) FILTER (WHERE side = 0) OVER until AS source_revision,
        max(revision) FILTER (WHERE side = 1) OVER until AS target_revision
      FROM change WINDOW until AS (PARTITION BY change.kind, change.key ORDER BY change.changed_at)
    ), judged AS (
      SELECT instant.*, source.hash IS NOT DISTINCT FROM target.hash AS same FROM instant
      LEFT JOIN change source ON source.side = 0 AND source.kind = instant.kind AND source.key = instant.key
        AND source.revision = instant.source_revision
      LEFT JOIN change target ON target.side = 1 AND target.kind = instant.kind AND target.key = instant.key
        AND target.revision = instant.target_revision
    ), stretch AS (
      SELECT judged.*, max(changed_at) FILTER (WHERE same) OVER (PARTITION BY kind, key) AS last_same FROM judged
    ), cause AS (
      SELECT DISTINCT ON (kind, key) kind, key, side, revision, changed_at FROM stretch
      WHERE last_same IS NULL OR changed_at > last_same ORDER BY kind, key, changed_at, seq DESC
    )
    SELECT (SELECT json_build_object('source', source, 'target', target, 'asOf', instant(as_of)) FROM environments) AS names,
      ARRAY(
        SELECT asked.named FROM environments, LATERAL (VALUES ($3::text, source), ($4::text, target)) AS asked(named, name)
        WHERE NOT EXISTS (SELECT FROM environments($1) known WHERE known.name = asked.name)
          AND NOT EXISTS (SELECT FROM configuration_history h WHERE h.tenant = $1 AND h.environment = asked.name)
      ) AS unknown,
      '[' || coalesce((SELECT string_agg(${rowJson}, ',' ORDER BY page.n)
        FROM page JOIN cause USING (kind, key) JOIN change h USING (kind, key, side, revision) CROSS JOIN environments
        WHERE page.n <= $2), '') || ']' AS json,
      (SELECT json_build_array(kind, key) FROM page WHERE n = $2 AND EXISTS (SELECT FROM page WHERE n = $2 + 1)) AS last,
      ${positionsSql('deployments')} AS positions`
  const [row] = await query<DriftRow>({ text, values })
  const { names, unknown, json, last, positions } = row!
  return { body: { ...names, unknown, rows: { json, ...(last && { next: encodeCursor(list, last) }) } }, positions }
}

interface DriftRow {
  names: { source: string; target: string; asOf: string }
  unknown: string[]
  json: string
  last: [string, string] | null
  positions: string
}

const shown = (side: string) => `CASE WHEN ${side}.hash IS NULL THEN NULL
  WHEN source.secret OR target.secret THEN '"${secretMask}"' ELSE ${side}.value::text END`

const rowJson = `concat('{"kind":"', page.kind, '","key":', to_json(page.key), ',"state":"', page.state, '"',
  ',"sourceValue":' || page.source_value, ',"targetValue":' || page.target_value,
  ',"since":"', instant(h.changed_at), '","ageSeconds":', trim_scale(extract(epoch FROM environments.as_of - h.changed_at)),
  ',"cause":{"environment":', to_json(h.environment), ',"revision":', h.revision,
  ',"position":"', h.partition, ':', h.seq, '"', ',"by":' || to_json(h.changed_by)::text, ',"promotionId":"' || h.promotion_id || '"', '}}')`

function isPlace(place: unknown[]): place is [string, string] {
  return place.length === 2 && place.every(part => typeof part === 'string')
}
