import type { MigrationInterface, QueryRunner } from 'typeorm'
import { projectAgain } from './project-again.js'

/** Removed deployments, and the intervals since when nothing is active in their places. */
export class Removed1764720000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await projectAgain(runner)
    await runner.query(`
      ALTER TABLE deployment_history ADD COLUMN removed_at timestamptz(3);
      ALTER TABLE deployment_superseded ADD COLUMN removed_at timestamptz(3);
      ALTER TABLE deployment_interval ADD COLUMN removed boolean NOT NULL;
      COMMENT ON COLUMN deployment_history.removed_at IS 'From when on nothing is active there, if it was removed.';
      COMMENT ON COLUMN deployment_superseded.removed_at IS 'From when on nothing is active there, if it was removed.';
      DO $$ BEGIN
        IF to_regclass('deployment_voided') IS NOT NULL THEN
          ALTER TABLE deployment_voided ADD COLUMN removed_at timestamptz(3);
          COMMENT ON COLUMN deployment_voided.removed_at IS 'From when on nothing is active there, if it was removed.';
        END IF;
      END $$;
      COMMENT ON COLUMN deployment_interval.removed IS 'Whether the deployment has been removed, so that none is active.';
      COMMENT ON COLUMN deployment_interval.deployment_id IS
        'The active deployment, or the removed one; NULL, like the columns of it, without either.';
      COMMENT ON COLUMN deployment_interval.by_rollback IS
        'Whether the interval starts because the previous deployment was rolled back, rather than because this one finished or was removed.';
    `)
  }

  async down(runner: QueryRunner): Promise<void> {
    await projectAgain(runner)
    await runner.query(`
      ALTER TABLE deployment_interval DROP COLUMN removed;
      ALTER TABLE deployment_superseded DROP COLUMN removed_at;
      ALTER TABLE deployment_history DROP COLUMN removed_at;
      COMMENT ON COLUMN deployment_interval.deployment_id IS
        'The active deployment; NULL, like the columns of it, if none is active.';
      COMMENT ON COLUMN deployment_interval.by_rollback IS
        'Whether the interval starts because the previous deployment was rolled back, rather than because this one finished.';
    `)
  }
}
