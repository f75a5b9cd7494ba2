import type { MigrationInterface, QueryRunner } from 'typeorm'

/**
 * The tables that came last hold nothing of what was projected before them, and only the log has it: everything is projected anew. Until
 * the projector has come back to where it was, answers say how far it is.
 */
export class ProjectAnew1763700000006 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // A projector that works meanwhile begins by advancing its positions: it waits here, and then finds them elsewhere.
    await runner.query('LOCK TABLE projection_position IN SHARE ROW EXCLUSIVE MODE')
    const { affected } = await runner.query(
      'UPDATE projection_position SET seq = 0, next_offset = 0 WHERE seq > 0',
      [],
      true,
    )
    if (affected === 0) return
    // Those of the time of this migration, whichever they are.
    const [{ tables }] = await runner.query(`
      SELECT string_agg(quote_ident(tablename), ', ' ORDER BY tablename) AS tables FROM pg_tables
      WHERE schemaname = current_schema() AND tablename NOT IN ('migration', 'projection_position')`)
    await runner.query(`TRUNCATE ${tables}`)
  }

  async down(): Promise<void> {
    // What is projected anew is what was there.
  }
}
