import type { QueryRunner } from 'typeorm'

/**
 * Empties the tables of the current schema and resets the positions, so that the projector rebuilds everything from the log. Until it has
 * caught up, responses carry the positions that it has reached.
 */
export async function projectAgain(runner: QueryRunner): Promise<void> {
  // A running projector starts each batch by advancing its positions: it waits here, and then finds them changed.
  await runner.query('LOCK TABLE projection_position IN SHARE ROW EXCLUSIVE MODE')
  const { affected } = await runner.query(
    'UPDATE projection_position SET seq = 0, next_offset = 0 WHERE seq > 0',
    [],
    true,
  )
  if (affected === 0) return
  // All tables that exist at the time of the migration.
  const [{ tables }] = await runner.query(`
    SELECT string_agg(quote_ident(tablename), ', ' ORDER BY tablename) AS tables FROM pg_tables
    WHERE schemaname = current_schema() AND tablename NOT IN ('migration', 'projection_position')`)
  await runner.query(`TRUNCATE ${tables}`)
}
