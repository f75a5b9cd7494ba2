import type { MigrationInterface, QueryRunner } from 'typeorm'
import { projectAgain } from './project-again.js'

/** The reason of a failed deployment. Existing events contain it, so all are projected again. */
export class FailureReason1763700000009 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE deployment_history ADD COLUMN failure_reason text;
      ALTER TABLE deployment_superseded ADD COLUMN failure_reason text;
    `)
    await projectAgain(runner)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE deployment_superseded DROP COLUMN failure_reason;
      ALTER TABLE deployment_history DROP COLUMN failure_reason;
    `)
  }
}
