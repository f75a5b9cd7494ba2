import type { MigrationInterface, QueryRunner } from 'typeorm'
import { projectAgain } from './project-again.js'

/**
 * How promotions stand by the pipeline as it is now. What a promotion is folded to has another form, and what a key was before it became a
 * secret is masked: events in the log say all of it, so they are projected again.
 */
export class PromotionStanding1764500000023 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE promotion ADD COLUMN standing json;
      CREATE INDEX promotion_open ON promotion (tenant) WHERE state IN ('VALIDATED', 'APPROVED') OR standing IS NOT NULL;
    `)
    await projectAgain(runner)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP INDEX promotion_open;
      ALTER TABLE promotion DROP COLUMN standing;
    `)
  }
}
