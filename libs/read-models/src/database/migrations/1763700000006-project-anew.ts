import type { MigrationInterface, QueryRunner } from 'typeorm'
import { projectAgain } from './project-again.js'

/** Projects everything again, since the latest tables lack what was projected before they existed. */
export class ProjectAnew1763700000006 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await projectAgain(runner)
  }

  async down(): Promise<void> {
    // Only existing partitions are projected again.
  }
}
