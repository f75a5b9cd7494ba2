import type { MigrationInterface, QueryRunner } from 'typeorm'
import { projectAgain } from './project-again.js'

/** Indexes for bounded lookups of projections; commits keyed by the deployment that first brought them. */
export class BoundedLookups1763700000007 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await projectAgain(runner)
    // Both tables are empty at this point.
    await runner.query(`
      ALTER TABLE deployment_history ADD COLUMN recorded_bytes integer NOT NULL;
      ALTER TABLE deployment_superseded ADD COLUMN recorded_bytes integer NOT NULL;
      CREATE INDEX deployment_history_by_outcome ON deployment_history
        (tenant, application, environment_name, status, deployed_at, log_order) WHERE succeeded;
      CREATE INDEX deployment_history_by_tag_outcome ON deployment_history
        (tenant, image_tag, application, environment_name, succeeded, deployed_at, log_order) WHERE succeeded;
      CREATE INDEX deployment_history_by_mark ON deployment_history
        (tenant, application, environment_name, rolled_back_at) WHERE succeeded AND rolled_back_at > finished_at;
      CREATE INDEX deployment_stint_by_deployment ON deployment_stint (tenant, deployment_id);

      DROP TABLE deployment_commit;
      CREATE TABLE deployment_commit (
        tenant text COLLATE "C" NOT NULL,
        sha text COLLATE "C" NOT NULL,
        application text COLLATE "C" NOT NULL,
        environment_name text COLLATE "C" NOT NULL,
        succeeded boolean NOT NULL,
        finished_at timestamptz(3) NOT NULL,
        log_order bigint NOT NULL,
        deployment_id uuid NOT NULL,
        committed_at timestamptz(3),
        CONSTRAINT deployment_commit_pkey
          PRIMARY KEY (tenant, sha, application, environment_name, succeeded, finished_at, log_order)
      );
      CREATE INDEX deployment_commit_by_deployment ON deployment_commit (tenant, deployment_id);
    `)
  }

  async down(runner: QueryRunner): Promise<void> {
    await projectAgain(runner)
    await runner.query(`
      DROP TABLE deployment_commit;
      CREATE TABLE deployment_commit (
        tenant text COLLATE "C" NOT NULL,
        sha text COLLATE "C" NOT NULL,
        application text COLLATE "C" NOT NULL,
        deployment_id uuid NOT NULL,
        committed_at timestamptz(3),
        CONSTRAINT deployment_commit_pkey PRIMARY KEY (tenant, sha, application, deployment_id)
      );
      CREATE INDEX deployment_commit_by_deployment ON deployment_commit (tenant, deployment_id);
      DROP INDEX deployment_stint_by_deployment, deployment_history_by_mark, deployment_history_by_tag_outcome,
        deployment_history_by_outcome;
      ALTER TABLE deployment_superseded DROP COLUMN recorded_bytes;
      ALTER TABLE deployment_history DROP COLUMN recorded_bytes;
    `)
  }
}
