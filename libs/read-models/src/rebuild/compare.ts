import { statement, type Query } from '#libs/postgres'
import { LIVE_SCHEMA } from '../sql/schema.js'
import type { ModelTable } from '../catalog/models.js'

/** Row count and hash of a table in one schema. */
export interface TableDigest {
  rows: number
  /** MD5 over all columns of all rows, in key order. */
  hash: string
}

/** The kind of difference of rows with one key. */
export interface RowDifference {
  kind: 'only live' | 'only next' | 'different'
  /** Number of rows of this kind. */
  count: number
  /** Primary keys of the first ones, and the differing columns, with the live and the next value. */
  examples: { key: string; columns: Record<string, [unknown, unknown]> }[]
}

export interface TableComparison extends ModelTable {
  live: TableDigest
  next: TableDigest
  differences: RowDifference[]
}

interface Shape {
  columns: string
  key: string
}

interface Side extends TableDigest {
  schema: string
}

const EXAMPLES = 3

/** Compares tables of the live schema with those of another one; the caller's snapshot has both at one position. */
export async function compareTables(
  query: Query,
  next: string,
  tables: readonly ModelTable[],
): Promise<TableComparison[]> {
  const compared: TableComparison[] = []
  for (const { model, table } of tables) {
    const shape = await shapeOf(query, table)
    const ofLive = await digest(query, LIVE_SCHEMA, table, shape)
    const ofNext = await digest(query, next, table, shape)
    const differences = await differencesOf(
      query,
      { table, ...shape },
      { schema: LIVE_SCHEMA, ...ofLive },
      { schema: next, ...ofNext },
    )
    compared.push({ model, table, live: ofLive, next: ofNext, differences })
  }
  return compared
}

// By name, not by position: a column added by a migration may be at another position in a newly created table.
async function shapeOf(query: Query, table: string): Promise<Shape> {
  const [shape] = await query<Shape>(statement('columns of a table', SHAPE, { table: `${LIVE_SCHEMA}.${table}` }))
  return shape!
}

const SHAPE = `
  SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attname) AS columns,
    string_agg(quote_ident(a.attname), ', ' ORDER BY array_position(k.columns, a.attnum))
      FILTER (WHERE a.attnum = ANY (k.columns)) AS key
  FROM pg_attribute a JOIN pg_index i ON i.indrelid = a.attrelid AND i.indisprimary
  -- Behind its key columns come those that it only includes.
  CROSS JOIN LATERAL (SELECT (i.indkey::smallint[])[0:i.indnkeyatts - 1] AS columns) k
  WHERE a.attrelid = $table::regclass AND a.attnum > 0 AND NOT a.attisdropped`

// Hashed in 256 parts, since the hashes of a whole table may exceed the size of a text.
async function digest(query: Query, schema: string, table: string, { columns, key }: Shape): Promise<TableDigest> {
  const text = `
      SELECT coalesce(sum(rows), 0) AS rows, coalesce(md5(string_agg(hash, '' ORDER BY part)), '') AS hash
      FROM (
        SELECT part, count(*) AS rows, md5(string_agg(hash, '' ORDER BY key COLLATE "C")) AS hash
        FROM (
          SELECT hashtext(key) & 255 AS part, key, hash
          FROM (SELECT ROW(${key})::text AS key, md5(ROW(${columns})::text) AS hash FROM ${schema}.${table}) hashed
        ) parted
        GROUP BY part
      ) parts`
  const [found] = await query<{ rows: string; hash: string }>(statement('digest of a table', text))
  return { rows: Number(found!.rows), hash: found!.hash }
}

async function differencesOf(
  query: Query,
  table: Shape & { table: string },
  live: Side,
  next: Side,
): Promise<RowDifference[]> {
  if (live.hash === next.hash) return []
  // For example after a migration that empties the live tables: millions of rows of one side need no matching.
  if (live.rows === 0)
    return [{ kind: 'only next', count: next.rows, examples: await firstOf(query, next.schema, table) }]
  if (next.rows === 0)
    return [{ kind: 'only live', count: live.rows, examples: await firstOf(query, live.schema, table) }]
  return differ(query, next.schema, table)
}

async function firstOf(
  query: Query,
  schema: string,
  { table, key }: Shape & { table: string },
): Promise<RowDifference['examples']> {
  const text = `
    SELECT ROW(${key})::text AS key FROM ${schema}.${table} ORDER BY ROW(${key})::text COLLATE "C" LIMIT ${EXAMPLES}`
  const rows = await query<{ key: string }>(statement('first keys of a table', text))
  return rows.map(row => ({ key: row.key, columns: {} }))
}

async function differ(
  query: Query,
  next: string,
  { table, columns, key }: Shape & { table: string },
): Promise<RowDifference[]> {
  const rowsOf = (schema: string) => `(
    SELECT ROW(${key})::text AS key, row_to_json(r)::text AS row FROM (SELECT ${columns} FROM ${schema}.${table}) r
  )`
  const text = `
      SELECT kind, count, key, live, next
      FROM (
        SELECT found.*, count(*) OVER (PARTITION BY kind)::integer AS count,
          row_number() OVER (PARTITION BY kind ORDER BY key COLLATE "C") AS n
        FROM (
          SELECT CASE WHEN n.key IS NULL THEN 'only live' WHEN l.key IS NULL THEN 'only next' ELSE 'different' END AS kind,
            coalesce(l.key, n.key) AS key, l.row AS live, n.row AS next
          FROM ${rowsOf(LIVE_SCHEMA)} l FULL JOIN ${rowsOf(next)} n ON n.key = l.key
          WHERE l.row IS DISTINCT FROM n.row
        ) found
      ) numbered
      WHERE n <= ${EXAMPLES} ORDER BY kind, n`
  const rows = await query<{ kind: RowDifference['kind']; count: number; key: string; live?: string; next?: string }>(
    statement('differences of a table', text),
  )
  const differences = new Map<string, RowDifference>()
  for (const { kind, count, key: slot, live, next: other } of rows) {
    const difference = differences.get(kind) ?? { kind, count, examples: [] }
    differences.set(kind, difference)
    difference.examples.push({ key: slot, columns: kind === 'different' ? differing(live!, other!) : {} })
  }
  return [...differences.values()]
}

function differing(live: string, next: string): Record<string, [unknown, unknown]> {
  const [before, after] = [JSON.parse(live), JSON.parse(next)] as [Record<string, unknown>, Record<string, unknown>]
  const names = Object.keys(before).filter(name => JSON.stringify(before[name]) !== JSON.stringify(after[name]))
  return Object.fromEntries(names.map(name => [name, [before[name], after[name]]]))
}
