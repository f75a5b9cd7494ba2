import type { MigrationInterface, QueryRunner } from 'typeorm'

/** The schema of the migration: the first one in the connection's search path. */
async function schemaOf(runner: QueryRunner): Promise<string> {
  const [row] = await runner.query('SELECT current_schema() AS schema')
  return row.schema
}

/**
 * The role of queries: it may read the read models and the ledger's index, and nothing else. The ledger may create its tables later, so the
 * rights are granted by default.
 */
export class ReaderRole1763700000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // Roles belong to the server, so another database may create it concurrently. Only a superuser may assume a role that was not granted.
    await runner.query(`
      DO $$
      BEGIN
        CREATE ROLE shiplog_reader NOLOGIN;
      EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
      END $$;
      DO $$
      BEGIN
        IF NOT pg_has_role(current_user, 'shiplog_reader', 'SET') THEN
          EXECUTE format('GRANT shiplog_reader TO %I', current_user);
        END IF;
      END $$;
      CREATE SCHEMA IF NOT EXISTS ledger;
    `)
    for (const schema of [await schemaOf(runner), 'ledger']) {
      await runner.query(`
        GRANT USAGE ON SCHEMA ${schema} TO shiplog_reader;
        GRANT SELECT ON ALL TABLES IN SCHEMA ${schema} TO shiplog_reader;
        ALTER DEFAULT PRIVILEGES IN SCHEMA ${schema} GRANT SELECT ON TABLES TO shiplog_reader;
      `)
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const schema of [await schemaOf(runner), 'ledger']) {
      await runner.query(`
        ALTER DEFAULT PRIVILEGES IN SCHEMA ${schema} REVOKE SELECT ON TABLES FROM shiplog_reader;
        REVOKE SELECT ON ALL TABLES IN SCHEMA ${schema} FROM shiplog_reader;
        REVOKE USAGE ON SCHEMA ${schema} FROM shiplog_reader;
      `)
    }
  }
}
