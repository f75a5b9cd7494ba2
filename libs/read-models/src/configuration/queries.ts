import type { ConfigurationKind, Json } from '#libs/contracts'
import { positionsSql, type QueryResult, type JsonText, type Page } from '../sql/query-result.js'
import { decodeCursor, encodeCursor } from '../sql/cursor.js'
import type { Bind, AsOf } from '../sql/as-of.js'
import type { Query } from '#libs/postgres'
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
  const { tenant, prefix, limit, cursor, ...held } = request
  const list = { list: 'keys', prefix, ...held }
  const values: unknown[] = [tenant, limit]
  const bind = (value: unknown) => `$${values.push(value)}`
  const conditions = [beginning(prefix, bind)]
  if (cursor !== undefined) conditions.push(`h.key > ${bind(decodeCursor(cursor, list, isKey)[0])}`)
  const text = `
    WITH page AS MATERIALIZED (
      SELECT h.*, row_number() OVER (ORDER BY h.key) AS n FROM (${entriesAt(held, bind)}) h
      WHERE ${conditions.join(' AND ')} ORDER BY h.key LIMIT $2::int + 1
    )
    SELECT '[' || coalesce((SELECT string_agg(${keyJson}, ',' ORDER BY h.n) FROM page h WHERE h.n <= $2), '') || ']' AS json,
      (SELECT json_build_array(key) FROM page WHERE n = $2 AND EXISTS (SELECT FROM page WHERE n = $2 + 1)) AS last,
      ${positionsSql('deployments')} AS positions`
  return toPage(list, await query<PageRow<[string]>>({ name: 'configurations', text, values }))
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
  { tenant, key, ...held }: KeysSelection & { key: string },
): Promise<QueryResult<FoundKey | undefined>> {
  const values: unknown[] = [tenant, key]
  const bind = (value: unknown) => `$${values.push(value)}`
  const text = `
    SELECT found.json, found.revision, ${positionsSql('deployments')} AS positions
    FROM (SELECT) asked LEFT JOIN (
      SELECT ${keyJson} AS json, h.revision FROM (${entriesAt(held, bind)}) h WHERE h.key = $2
    ) found ON true`
  const [row] = await query<{ json: string | null; revision: number; positions: string }>({
    name: 'configuration',
    text,
    values,
  })
  const { json, revision, positions } = row!
  return { body: json === null ? undefined : { json, revision }, positions }
}

/**
 * The changes of one key, newest first; `deleted` if the key did not exist afterwards. `undefined` if the key never existed. Throws
 * InvalidCursor.
 */
export async function keyHistoryPage(
  query: Query,
  { tenant, key, limit, cursor, ...held }: KeysSelection & { key: string; limit: number; cursor?: string },
): Promise<QueryResult<Page | undefined>> {
  const list = { list: 'key history', key, ...held }
  const values: unknown[] = [tenant, limit, key]
  const bind = (value: unknown) => `$${values.push(value)}`
  const further = cursor === undefined ? '' : `AND h.revision < ${bind(decodeCursor(cursor, list, isRevision)[0])}::int`
  const text = `
    WITH page AS MATERIALIZED (
      SELECT h.*, row_number() OVER (ORDER BY h.revision DESC) AS n FROM configuration_history h
      WHERE ${visibleChanges(held, bind)} AND h.key = $3 ${further} ORDER BY h.revision DESC LIMIT $2::int + 1
    )
    SELECT (SELECT '[' || string_agg(${changeJson}, ',' ORDER BY h.n) || ']' FROM page h WHERE h.n <= $2) AS json,
      (SELECT json_build_array(revision) FROM page WHERE n = $2 AND EXISTS (SELECT FROM page WHERE n = $2 + 1)) AS last,
      ${positionsSql('deployments')} AS positions`
  const rows = await query<{ json: string | null; last: [number] | null; positions: string }>({
    name: 'configuration history',
    text,
    values,
  })
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
  { tenant, prefix, ...held }: KeysSelection & { prefix?: string },
): Promise<QueryResult<{ key: string; value: Json }[]>> {
  const values: unknown[] = [tenant]
  const bind = (value: unknown) => `$${values.push(value)}`
  const text = `
    SELECT (SELECT coalesce(json_agg(json_build_object('key', h.key, 'value', (${presentedValueSql('h')})::json) ORDER BY h.key), '[]')
      FROM (${entriesAt(held, bind)}) h WHERE ${beginning(prefix, bind)}) AS keys, ${positionsSql('deployments')} AS positions`
  const [row] = await query<{ keys: { key: string; value: Json }[]; positions: string }>({
    name: 'configuration export',
    text,
    values,
  })
  return { body: row!.keys, positions: row!.positions }
}

function beginning(prefix: string | undefined, bind: Bind): string {
  return prefix === undefined ? 'true' : `starts_with(h.key, ${bind(prefix)})`
}

function isKey(cursorKey: unknown[]): cursorKey is [string] {
  return cursorKey.length === 1 && typeof cursorKey[0] === 'string'
}

function isRevision(cursorKey: unknown[]): cursorKey is [number] {
  return cursorKey.length === 1 && Number.isInteger(cursorKey[0]) && Math.abs(cursorKey[0] as number) <= 0x7fff_ffff
}
