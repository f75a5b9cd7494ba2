import { environmentKey } from '#libs/contracts'
import { positionsSql, type QueryResult, type Page } from '../sql/query-result.js'
import { decodeCursor, encodeCursor } from '../sql/cursor.js'
import { environmentNameSql } from '../pipeline/environment.js'
import { statement, type Query } from '#libs/postgres'
import type { DiffRequest } from './diff.js'
import { requestedEnvironments, UNKNOWN_ENVIRONMENTS } from './entries.js'
import { differingKeys } from './spans.js'

export interface DriftRequest extends DiffRequest {
  /** Maximum number of rows, 1 to 500. */
  limit: number
  cursor?: string
}

export interface ConfigurationDriftResponse {
  /** Both by the names of the pipeline. */
  source: string
  target: string
  /** Those of the two environments that neither the pipeline knows nor any configuration exists for, as requested. */
  unknown: string[]
  /** Rows of one page. */
  rows: Page
  asOf: string
}

/**
 * The keys whose values differ between two environments, configurations first, by code point: since when, for how long, and the cause.
 * `since` is the start of the unbroken span in which they differ: of several changes in one instant only the outcome counts, and the later
 * one in the log is the cause. Throws InvalidCursor.
 */
export async function configurationDrift(
  query: Query,
  request: DriftRequest,
): Promise<QueryResult<ConfigurationDriftResponse>> {
  const { tenant, source, target, asOf, knownAt, limit, cursor } = request
  const list = { list: 'drift', source, target, asOf, knownAt }
  const [afterKind, afterKey] = cursor === undefined ? [] : decodeCursor(cursor, list, isCursorKey)
  const further = cursor === undefined ? '' : 'AND (kind, key) > ($afterKind, $afterKey)'
  const ofDiffering = `SELECT differing.*, row_number() OVER (ORDER BY kind, key) AS n FROM differing
      WHERE true ${further} ORDER BY kind, key LIMIT $limit::int + 1`
  const { spans } = differingKeys({ asOf, knownAt, ofDiffering })
  const at = asOf === undefined ? `date_trunc('milliseconds', statement_timestamp())` : '$asOf::timestamptz'
  const text = `
    WITH environments AS MATERIALIZED (
      SELECT ${environmentNameSql('$sourceKey')} AS source, ${environmentNameSql('$targetKey')} AS target, ${at} AS as_of
    ), ${spans}
    SELECT (SELECT json_build_object('source', source, 'target', target, 'asOf', instant(as_of)) FROM environments) AS names,
      ${UNKNOWN_ENVIRONMENTS} AS unknown,
      '[' || coalesce((SELECT string_agg(${rowJson}, ',' ORDER BY page.n)
        FROM page JOIN cause USING (kind, key) JOIN change h USING (kind, key, side, revision) CROSS JOIN environments
        WHERE page.n <= $limit), '') || ']' AS json,
      (SELECT json_build_array(kind, key) FROM page WHERE n = $limit AND EXISTS (SELECT FROM page WHERE n = $limit + 1)) AS last,
      ${positionsSql('deployments')} AS positions`
  const [row] = await query<DriftRow>(
    statement('configuration drift', text, {
      tenant,
      sourceKey: environmentKey(source),
      targetKey: environmentKey(target),
      ...requestedEnvironments([source, target]),
      asOf,
      knownAt,
      limit,
      afterKind,
      afterKey,
    }),
  )
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

const rowJson = `concat('{"kind":"', page.kind, '","key":', to_json(page.key), ',"state":"', page.state, '"',
  ',"sourceValue":' || page.source_value, ',"targetValue":' || page.target_value,
  ',"since":"', instant(h.changed_at), '","ageSeconds":', trim_scale(extract(epoch FROM environments.as_of - h.changed_at)),
  ',"cause":{"environment":', to_json(CASE h.side WHEN 0 THEN environments.source ELSE environments.target END), ',"revision":', h.revision,
  ',"position":"', h.partition, ':', h.seq, '"', ',"by":' || to_json(h.changed_by)::text, ',"promotionId":"' || h.promotion_id || '"', '}}')`

function isCursorKey(cursorKey: unknown[]): cursorKey is [string, string] {
  return cursorKey.length === 2 && cursorKey.every(part => typeof part === 'string')
}
