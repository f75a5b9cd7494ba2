import { statement, type Query } from '#libs/postgres'
import { LIVE_SCHEMA, OLD_SCHEMA } from '../sql/schema.js'

/** The reason why a swap is refused, and the remedy. */
export class SwapRefused extends Error {
  override name = 'SwapRefused'
}

/**
 * How long a swap waits for a table lock. Less than Postgres' deadlock_timeout (1 s): a query that locks two tables in the other order
 * continues, the swap gives up and retries.
 */
export const LOCK_TIMEOUT_MS = 400

/**
 * Moves tables of the next version to the live schema, and the live ones to `read_v1_old`, in the caller's transaction, with the functions
 * that depend on them. Positions stay, since both are at the same position.
 *
 * All tables are locked before the first one is moved: a statement that has found one of them in the live schema finds the others there
 * too, and a waiting statement resolves the names again. Throws SwapRefused.
 * @param whole moves every function, as with all models
 */
export async function swapTables(query: Query, next: string, tables: readonly string[], whole: boolean): Promise<void> {
  const run = (text: string) => query(statement('swap tables', text))
  await refuseWhereOldIsKept(query, tables)
  await run(`SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}`)
  const both = [LIVE_SCHEMA, next].flatMap(schema => tables.map(table => `${schema}.${table}`))
  await run(`LOCK TABLE ${both.join(', ')} IN ACCESS EXCLUSIVE MODE`)
  const functions = {
    live: await functionsOf(query, LIVE_SCHEMA, tables, whole),
    next: await functionsOf(query, next, tables, whole),
  }
  await run(`CREATE SCHEMA IF NOT EXISTS ${OLD_SCHEMA}`)
  for (const table of tables) {
    await run(`ALTER TABLE ${LIVE_SCHEMA}.${table} SET SCHEMA ${OLD_SCHEMA}`)
    await run(`ALTER TABLE ${next}.${table} SET SCHEMA ${LIVE_SCHEMA}`)
  }
  for (const name of functions.live) await run(`ALTER ROUTINE ${LIVE_SCHEMA}.${name} SET SCHEMA ${OLD_SCHEMA}`)
  for (const name of functions.next) await run(`ALTER ROUTINE ${next}.${name} SET SCHEMA ${LIVE_SCHEMA}`)
  await refuseWhereBoundElsewhere(query, next)
}

async function refuseWhereOldIsKept(query: Query, tables: readonly string[]): Promise<void> {
  const text = 'SELECT tablename AS table FROM pg_tables WHERE schemaname = $schema AND tablename = ANY ($tables)'
  const kept = await query<{ table: string }>(statement('replaced tables', text, { schema: OLD_SCHEMA, tables }))
  if (kept.length === 0) return
  throw new SwapRefused(
    `the version replaced by an earlier swap still exists (${OLD_SCHEMA}.${kept[0]!.table}): drop it first with --drop-old`,
  )
}

// SQL function bodies are bound to tables, row types and functions when they are created, not by name.
async function functionsOf(query: Query, schema: string, tables: readonly string[], whole: boolean): Promise<string[]> {
  const found = await query<{ name: string }>(statement('functions of tables', FUNCTIONS, { schema, tables, whole }))
  return found.map(({ name }) => name)
}

const FUNCTIONS = `
  WITH RECURSIVE bound AS (
    SELECT p.oid FROM pg_proc p JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid
    JOIN pg_class c ON c.relnamespace = $schema::regnamespace AND c.relname = ANY ($tables)
      AND (d.refclassid = 'pg_class'::regclass AND d.refobjid = c.oid
        OR d.refclassid = 'pg_type'::regclass AND d.refobjid = c.reltype)
    WHERE p.pronamespace = $schema::regnamespace
    UNION
    SELECT p.oid FROM bound JOIN pg_depend d ON d.refclassid = 'pg_proc'::regclass AND d.refobjid = bound.oid
    JOIN pg_proc p ON d.classid = 'pg_proc'::regclass AND p.oid = d.objid AND p.pronamespace = $schema::regnamespace
  )
  SELECT format('%I(%s)', p.proname, pg_get_function_identity_arguments(p.oid)) AS name FROM pg_proc p
  WHERE p.pronamespace = $schema::regnamespace AND ($whole OR p.oid IN (SELECT oid FROM bound)) ORDER BY name`

// A trigger, a default, an index or a function of the live schema that depends on an object that stays behind would be dropped with it.
async function refuseWhereBoundElsewhere(query: Query, next: string): Promise<void> {
  const values = { live: LIVE_SCHEMA, others: [next, OLD_SCHEMA] }
  const bound = await query<{ dependent: string; to: string }>(
    statement('dependencies on other schemas', BOUND, values),
  )
  if (bound.length === 0) return
  throw new SwapRefused(
    `these models cannot be swapped alone, since ${bound[0]!.dependent} depends on ${bound[0]!.to}: swap all of them`,
  )
}

const BOUND = `
  SELECT pg_describe_object(d.classid, d.objid, d.objsubid) AS dependent,
    pg_describe_object(d.refclassid, d.refobjid, d.refobjsubid) AS to
  FROM pg_depend d, pg_identify_object(d.classid, d.objid, d.objsubid) one,
    pg_identify_object(d.refclassid, d.refobjid, d.refobjsubid) other
  WHERE d.objid >= 16384 AND d.refobjid >= 16384 AND d.deptype IN ('n', 'a') AND other.schema = ANY ($others)
    AND (one.schema = $live OR one.schema IS NULL AND one.identity LIKE '% on ' || $live || '.%') LIMIT 1`
