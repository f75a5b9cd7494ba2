import { environmentKey, type ConfigurationKind, type Json } from '#libs/contracts'
import { positionsSql, type QueryResult, type JsonText, type Page } from '../sql/query-result.js'
import { decodeCursor, encodeCursor } from '../sql/cursor.js'
import type { AsOf } from '../sql/as-of.js'
import { statement, type Query } from '#libs/postgres'
import { changeMembers, entriesAt, keyJson, visibleChanges, presentedValueSql, valueMembers } from './entries.js'

/** The entries of one kind in an environment of a tenant. */
export interface KeysSelection extends AsOf {
  tenant: string
  /** Any name of the environment; aliases resolve. */
  environment: string
  kind: ConfigurationKind
}

export interface KeysRequest extends KeysSelection {
  /** Only keys with this prefix. */
  prefix?: string
  /** Maximum number of keys, 1 to 500. */
  limit: number
  cursor?: string
}

/** Entries by code point of their keys. Throws InvalidCursor. */
export async function configurationsPage(query: Query, request: KeysRequest): Promise<QueryResult<Page>> {
  const { tenant, prefix, limit, cursor, ...selection } = request
  const list = { list: 'keys', prefix, ...selection }
  const [afterKey] = cursor === undefined ? [] : decodeCursor(cursor, list, isKey)
  const conditions = [hasPrefix(prefix), ...(cursor === undefined ? [] : ['h.key > $afterKey'])]
  const text = `
    WITH page AS MATERIALIZED (
      SELECT h.*, row_number() OVER (ORDER BY h.key) AS n FROM (${entriesAt(selection)}) h
      WHERE ${conditions.join(' AND ')} ORDER BY h.key LIMIT $limit::int + 1
    )
    SELECT '[' || coalesce((SELECT string_agg(${keyJson}, ',' ORDER BY h.n) FROM page h WHERE h.n <= $limit), '') || ']' AS json,
      (SELECT json_build_array(key) FROM page WHERE n = $limit AND EXISTS (SELECT FROM page WHERE n = $limit + 1)) AS last,
      ${positionsSql('deployments')} AS positions`
  const values = { tenant, ...valuesOf(selection), prefix, limit, afterKey }
  return toPage(list, await query<PageRow<[string]>>(statement('configurations', text, values)))
}

function valuesOf({ environment, kind, asOf, knownAt }: Omit<KeysSelection, 'tenant'>) {
  return { environment: environmentKey(environment), kind, asOf, knownAt }
}

interface PageRow<CursorKey> {
  json: string
  last: CursorKey | null
  positions: string
}

function toPage<CursorKey extends (string | number)[]>(list: object, [row]: PageRow<CursorKey>[]): QueryResult<Page> {
  const { json, last, positions } = row!
  return { body: { json, ...(last && { next: encodeCursor(list, last) }) }, positions }
}

/** The entry of a key. */
export interface FoundKey {
  json: JsonText
  revision: number
}

/** The entry of one key; `undefined` without one. */
export async function findConfiguration(
  query: Query,
  { tenant, key, ...selection }: KeysSelection & { key: string },
): Promise<QueryResult<FoundKey | undefined>> {
  const text = `
    SELECT found.json, found.revision, ${positionsSql('deployments')} AS positions
    FROM (SELECT) always LEFT JOIN (
      SELECT ${keyJson} AS json, h.revision FROM (${entriesAt(selection)}) h WHERE h.key = $key
    ) found ON true`
  const [row] = await query<{ json: string | null; revision: number; positions: string }>(
    statement('configuration', text, { tenant, ...valuesOf(selection), key }),
  )
  const { json, revision, positions } = row!
  return { body: json === null ? undefined : { json, revision }, positions }
}

/**
 * The changes of one key, newest first; `deleted` if the key did not exist afterwards. `undefined` if the key never existed. Throws
 * InvalidCursor.
 */
export async function keyHistoryPage(
  query: Query,
  { tenant, key, limit, cursor, ...selection }: KeysSelection & { key: string; limit: number; cursor?: string },
): Promise<QueryResult<Page | undefined>> {
  const list = { list: 'key history', key, ...selection }
  const [beforeRevision] = cursor === undefined ? [] : decodeCursor(cursor, list, isRevision)
  const further = cursor === undefined ? '' : 'AND h.revision < $beforeRevision::int'
  const text = `
    WITH page AS MATERIALIZED (
      SELECT h.*, row_number() OVER (ORDER BY h.revision DESC) AS n FROM configuration_history h
      WHERE ${visibleChanges(selection, '$environment')} AND h.key = $key ${further} ORDER BY h.revision DESC LIMIT $limit::int + 1
    )
    SELECT (SELECT '[' || string_agg(${changeJson}, ',' ORDER BY h.n) || ']' FROM page h WHERE h.n <= $limit) AS json,
      (SELECT json_build_array(revision) FROM page WHERE n = $limit AND EXISTS (SELECT FROM page WHERE n = $limit + 1)) AS last,
      ${positionsSql('deployments')} AS positions`
  const rows = await query<{ json: string | null; last: [number] | null; positions: string }>(
    statement('configuration history', text, { tenant, ...valuesOf(selection), key, limit, beforeRevision }),
  )
  const { json, positions } = rows[0]!
  if (json === null) return { body: undefined, positions }
  return toPage(list, [{ ...rows[0]!, json }])
}

const changeJson = `concat('{"id":"', h.id, '","key":', to_json(h.key), CASE WHEN h.hash IS NULL THEN ',"deleted":true' END,
  ${valueMembers}, ${changeMembers}, ',"recordedAt":"', instant(h.recorded_at), '","position":"', h.partition, ':', h.seq, '"',
  ',"cause":{"promotionId":"' || h.promotion_id || '","action":"' || h.promotion_action || '"}', '}')`

/** All entries of an environment by code point of their keys, with secrets masked. */
export async function exportKeys(
  query: Query,
  { tenant, prefix, ...selection }: KeysSelection & { prefix?: string },
): Promise<QueryResult<{ key: string; value: Json }[]>> {
  const text = `
    SELECT (SELECT coalesce(json_agg(json_build_object('key', h.key, 'value', (${presentedValueSql('h')})::json) ORDER BY h.key), '[]')
      FROM (${entriesAt(selection)}) h WHERE ${hasPrefix(prefix)}) AS keys, ${positionsSql('deployments')} AS positions`
  const [row] = await query<{ keys: { key: string; value: Json }[]; positions: string }>(
    statement('configuration export', text, { tenant, ...valuesOf(selection), prefix }),
  )
  return { body: row!.keys, positions: row!.positions }
}

function hasPrefix(prefix: string | undefined): string {
  return prefix === undefined ? 'true' : 'starts_with(h.key, $prefix)'
}

function isKey(cursorKey: unknown[]): cursorKey is [string] {
  return cursorKey.length === 1 && typeof cursorKey[0] === 'string'
}

function isRevision(cursorKey: unknown[]): cursorKey is [number] {
  return cursorKey.length === 1 && Number.isInteger(cursorKey[0]) && Math.abs(cursorKey[0] as number) <= 0x7fff_ffff
}
