import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Bitemporal queries: the versions of deployments that later events have replaced, the deployments of commits, and the ids of events. */
export class AsOf1763700000003 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // Unknown for existing rows; they are projected again by a later migration.
    await runner.query(`
      ALTER TABLE deployment_history ADD COLUMN known_from timestamptz(3) NOT NULL DEFAULT '-infinity';
      ALTER TABLE deployment_history ALTER COLUMN known_from DROP DEFAULT;
      ALTER TABLE deployment_event ADD COLUMN event_id uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000';
      ALTER TABLE deployment_event ALTER COLUMN event_id DROP DEFAULT;
      ALTER TABLE promotion_event ADD COLUMN event_id uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000';
      ALTER TABLE promotion_event ALTER COLUMN event_id DROP DEFAULT;

      CREATE TABLE deployment_superseded (
        LIKE deployment_history,
        known_until timestamptz(3) NOT NULL,
        CONSTRAINT deployment_superseded_pkey PRIMARY KEY (tenant, deployment_id, version)
      );
      ALTER TABLE deployment_superseded DROP COLUMN inferred_rollback_of;
      CREATE INDEX deployment_superseded_by_place ON deployment_superseded
        (tenant, application, environment_name, deployed_at, log_order, known_until);
      CREATE INDEX deployment_superseded_by_application ON deployment_superseded
        (tenant, application, deployed_at, log_order, known_until);
      CREATE INDEX deployment_superseded_by_environment ON deployment_superseded
        (tenant, environment_name, deployed_at, log_order, known_until);
      CREATE INDEX deployment_superseded_by_start ON deployment_superseded (tenant, deployed_at, log_order, known_until);
      CREATE INDEX deployment_superseded_by_tag ON deployment_superseded
        (tenant, image_tag, application, environment_name, deployed_at, log_order, known_until);
      CREATE INDEX deployment_superseded_by_commit ON deployment_superseded
        (tenant, git_commit, deployed_at, log_order, known_until) WHERE git_commit IS NOT NULL;

      CREATE TABLE deployment_commit (
        tenant text COLLATE "C" NOT NULL,
        sha text COLLATE "C" NOT NULL,
        application text COLLATE "C" NOT NULL,
        deployment_id uuid NOT NULL,
        committed_at timestamptz(3),
        CONSTRAINT deployment_commit_pkey PRIMARY KEY (tenant, sha, application, deployment_id)
      );
      CREATE INDEX deployment_commit_by_deployment ON deployment_commit (tenant, deployment_id);
    `)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE deployment_commit, deployment_superseded;
      ALTER TABLE promotion_event DROP COLUMN event_id;
      ALTER TABLE deployment_event DROP COLUMN event_id;
      ALTER TABLE deployment_history DROP COLUMN known_from;
    `)
  }
}
