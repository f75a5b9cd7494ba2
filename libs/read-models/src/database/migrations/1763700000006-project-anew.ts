import type { MigrationInterface, QueryRunner } from 'typeorm'
import { projectAgain } from './project-again.js'

/** The tables that came last hold nothing of what was projected before them, and only the log has it. */
export class ProjectAnew1763700000006 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await projectAgain(runner)
  }

  async down(): Promise<void> {
    // What is projected anew is what was there.
  }
}
