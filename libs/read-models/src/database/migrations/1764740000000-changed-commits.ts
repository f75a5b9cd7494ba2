import type { MigrationInterface, QueryRunner } from 'typeorm'

/** The commits of deployments whose list of commits was corrected. No event in the log has done that yet. */
export class ChangedCommits1764740000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE deployment_changed_commit (
        tenant text COLLATE "C" NOT NULL,
        sha text COLLATE "C" NOT NULL,
        deployment_id uuid NOT NULL,
        CONSTRAINT deployment_changed_commit_pkey PRIMARY KEY (tenant, sha, deployment_id)
      );
      COMMENT ON TABLE deployment_changed_commit IS 'The commits of deployments whose list of commits has changed, in any of their versions: what queries of the past look for, while the facts of a version say whether it has the commit.';
      COMMENT ON COLUMN deployment_changed_commit.tenant IS 'The tenant.';
      COMMENT ON COLUMN deployment_changed_commit.sha IS 'The commit.';
      COMMENT ON COLUMN deployment_changed_commit.deployment_id IS 'The deployment.';
    `)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE deployment_changed_commit')
  }
}
