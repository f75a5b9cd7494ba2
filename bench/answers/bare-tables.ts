import pg from 'pg'

/** Tables without what makes each row dear to write. */
export interface BareTables {
  names: string[]
  /** What makes the indexes of a table. */
  indexesOf: Map<string, string[]>
  /** What makes some of them primary keys. It locks a table, so it comes last. */
  keys: string[]
}

/** Tables that tell how the others came about, and the trail of events: nothing that is measured reads them. */
const LEFT_ALONE = ['migration', 'projection_position', 'parked_event', 'deployment_event']

/** The tables of the read models that are made of deployments. */
export async function tablesOfDeployments(sql: pg.Client): Promise<string[]> {
  const { rows } = await sql.query<{ name: string }>(TABLES, [LEFT_ALONE])
  return rows.map(({ name }) => name)
}

/**
 * Takes indexes and primary keys away, which are made faster behind the rows than row by row; and the tables out of the write-ahead
 * log, which is nothing to those who read.
 */
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
