import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Where this schema's tables are made: the first one of the connection's search path. */
async function schemaOf(runner: QueryRunner): Promise<string> {
  const [row] = await runner.query('SELECT current_schema() AS schema')
  return row.schema
}

/**
 * The role that queries work as: it may read the read models and the ledger's index, and nothing else. The ledger may make its tables later
 * than this, so the grant is by default.
 */
export class ReaderRole1763700000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // Roles belong to the server: another database may make it at the same moment. Only a superuser may take on a role that it was
    // not granted.
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
