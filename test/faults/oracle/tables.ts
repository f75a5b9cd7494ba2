import type pg from 'pg'
import { type Finding, other } from './finding.js'

/** Columns of wall-clock time, which a rebuild has otherwise; and tables that tell of the making of the tables. */
const LEFT_OUT_COLUMNS = ['parked_at']
const LEFT_OUT_TABLES = ['migration']

/** A table as an ordered hash, and how to list it. */
export interface HashedTable {
  name: string
  rows: number
  hash: string
  columns: string
}

/** Hashes every table of the read models, row by row, in an order of the rows' own. */
export async function hashTables(client: pg.Client): Promise<HashedTable[]> {
  const { rows: tables } = await client.query<{ name: string; columns: string }>(
    `SELECT table_name AS name, string_agg(quote_ident(column_name), ', ' ORDER BY ordinal_position) AS columns
     FROM information_schema.columns
     WHERE table_schema = 'read_v1' AND table_name <> ALL ($1) AND column_name <> ALL ($2)
     GROUP BY table_name ORDER BY table_name`,
    [LEFT_OUT_TABLES, LEFT_OUT_COLUMNS],
  )
  const hashed: HashedTable[] = []
  for (const { name, columns } of tables) {
    const { rows } = await client.query<{ rows: number; hash: string }>(
      `SELECT count(*)::int AS rows, coalesce(md5(string_agg(hash, '' ORDER BY hash)), '') AS hash
       FROM (SELECT md5(r::text) AS hash FROM (SELECT ${columns} FROM read_v1.${name}) AS r) AS hashes`,
    )
    hashed.push({ name, columns, ...rows[0]! })
  }
  return hashed
}

/** Compares the tables of the world with those of a fresh rebuild. */
export async function compareTables(world: pg.Client, rebuilt: pg.Client): Promise<Finding[]> {
  const [ours, fresh] = [await hashTables(world), await hashTables(rebuilt)]
  const found: Finding[] = []
  for (const { name, columns, rows, hash } of fresh) {
    const table = ours.find(one => one.name === name)
    if (table?.hash === hash) continue
    const sql = `SELECT r::text AS row FROM (SELECT ${columns} FROM read_v1.${name}) AS r`
    const [left, right] = await Promise.all([rowsOf(world, sql), rowsOf(rebuilt, sql)])
    const only = [...left].filter(row => !right.has(row)).slice(0, 2)
    const missing = [...right].filter(row => !left.has(row)).slice(0, 2)
    found.push(
      other(
        `table ${name}: ${table?.rows} rows differ from a rebuild's ${rows}; only here ${only.join(' | ')}; only there ${missing.join(' | ')}`,
      ),
    )
  }
  if (ours.length !== fresh.length) found.push(other(`${ours.length} tables, and a rebuild has ${fresh.length}`))
  return found
}

async function rowsOf(client: pg.Client, sql: string): Promise<Set<string>> {
  const { rows } = await client.query<{ row: string }>(sql)
  return new Set(rows.map(({ row }) => row))
}
