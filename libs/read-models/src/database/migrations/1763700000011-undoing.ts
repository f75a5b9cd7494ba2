import type { MigrationInterface, QueryRunner } from 'typeorm'
import { projectAgain } from './project-again.js'

/**
 * An index of the deployments that report to undo another one, limited to successes in its slot: others undo nothing, and no longer count
 * in metrics.
 */
export class Undoing1763700000011 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await projectAgain(runner)
    await runner.query(`
      DROP INDEX deployment_history_by_rollback;
      CREATE INDEX deployment_history_by_rollback ON deployment_history
        (tenant, rollback_of, application, environment_name, deployed_at, log_order) WHERE succeeded AND rollback_of IS NOT NULL;
    `)
  }

  async down(runner: QueryRunner): Promise<void> {
    await projectAgain(runner)
    await runner.query(`
      DROP INDEX deployment_history_by_rollback;
      CREATE INDEX deployment_history_by_rollback ON deployment_history (tenant, rollback_of) WHERE rollback_of IS NOT NULL;
    `)
  }
}
