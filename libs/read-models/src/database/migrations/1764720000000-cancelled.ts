import type { MigrationInterface, QueryRunner } from 'typeorm'
import { projectAgain } from './project-again.js'

/** Cancelled deployments: counted apart, and in no other metric. */
export class Cancelled1764720000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await projectAgain(runner)
    await runner.query(`
      ALTER TABLE deployment_metric ADD COLUMN cancelled boolean NOT NULL;
      ALTER TABLE deployment_counter ADD COLUMN cancelled integer NOT NULL;
      COMMENT ON COLUMN deployment_metric.cancelled IS 'Whether it was cancelled: it counts as nothing else.';
      COMMENT ON COLUMN deployment_counter.cancelled IS 'Number that were cancelled.';
      COMMENT ON COLUMN deployment_counter.deployments IS 'Number of deployments that are neither PENDING nor CANCELLED.';
      COMMENT ON COLUMN deployment_history.status IS 'PENDING, DEPLOYED, FAILED, ROLLED_BACK or CANCELLED.';
      COMMENT ON COLUMN deployment_superseded.status IS 'PENDING, DEPLOYED, FAILED, ROLLED_BACK or CANCELLED.';
      COMMENT ON COLUMN deployment_history.failure_reason IS 'Why it failed or was cancelled, as sent.';
      COMMENT ON COLUMN deployment_superseded.failure_reason IS 'Why it failed or was cancelled, as sent.';
    `)
  }

  async down(runner: QueryRunner): Promise<void> {
    await projectAgain(runner)
    await runner.query(`
      ALTER TABLE deployment_counter DROP COLUMN cancelled;
      ALTER TABLE deployment_metric DROP COLUMN cancelled;
      COMMENT ON COLUMN deployment_counter.deployments IS 'Number of deployments that are not PENDING.';
      COMMENT ON COLUMN deployment_history.status IS 'PENDING, DEPLOYED, FAILED or ROLLED_BACK.';
      COMMENT ON COLUMN deployment_superseded.status IS 'PENDING, DEPLOYED, FAILED or ROLLED_BACK.';
      COMMENT ON COLUMN deployment_history.failure_reason IS 'Why it failed, as sent.';
      COMMENT ON COLUMN deployment_superseded.failure_reason IS 'Why it failed, as sent.';
    `)
  }
}
