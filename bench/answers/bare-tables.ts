import pg from 'pg'

/** Tables without indexes, which make writing rows expensive. */
export interface BareTables {
  names: string[]
  /** The definitions of a table's indexes. */
  indexesOf: Map<string, string[]>
  /** The statements that turn some of them into primary keys. They lock a table, so they run last. */
  keys: string[]
}

/** Tables of migrations and audit trails, which no measured query reads. */
const LEFT_ALONE = ['migration', 'projection_position', 'parked_event', 'deployment_event']

/** The tables of the read models that are derived from deployments. */
export async function tablesOfDeployments(sql: pg.Client): Promise<string[]> {
  const { rows } = await sql.query<{ name: string }>(TABLES, [LEFT_ALONE])
  return rows.map(({ name }) => name)
}

/** Removes indexes and primary keys, which are created faster after the rows, and makes the tables unlogged, which does not affect reads. */
export async function strip(sql: pg.Client): Promise<BareTables> {
  const names = await tablesOfDeployments(sql)
  const { rows } = await sql.query<{ table: string; drop: string; make: string; key: string | null }>(INDEXES, [names])
  for (const { drop } of rows) await sql.query(drop)
  for (const name of names) await sql.query(`ALTER TABLE ${name} SET UNLOGGED`)
  const makeOf = (name: string) => rows.filter(({ table }) => table === name).map(({ make }) => make)
  const keys = rows.flatMap(({ key }) => key ?? [])
  return { names, indexesOf: new Map(names.map(name => [name, makeOf(name)])), keys }
}

const TABLES = `
  SELECT tablename AS name FROM pg_tables
  WHERE schemaname = current_schema() AND tablename LIKE 'deployment%' AND tablename <> ALL ($1) ORDER BY name`

const INDEXES = `
  SELECT c.relname AS table, pg_get_indexdef(i.indexrelid) AS make,
    CASE WHEN k.oid IS NULL THEN format('DROP INDEX %s', i.indexrelid::regclass)
      ELSE format('ALTER TABLE %I DROP CONSTRAINT %I', c.relname, k.conname) END AS drop,
    CASE WHEN k.oid IS NOT NULL
      THEN format('ALTER TABLE %I ADD CONSTRAINT %I PRIMARY KEY USING INDEX %2$I', c.relname, k.conname) END AS key
  FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
  LEFT JOIN pg_constraint k ON k.conindid = i.indexrelid AND k.contype = 'p'
  WHERE c.relnamespace = current_schema()::regnamespace AND c.relname = ANY ($1)`
