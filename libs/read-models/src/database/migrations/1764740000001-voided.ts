import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Deployments whose record was voided. The log has none yet. */
export class Voided1764740000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE deployment_voided (LIKE deployment_history INCLUDING COMMENTS);
      ALTER TABLE deployment_voided DROP COLUMN inferred_rollback_of;
      ALTER TABLE deployment_voided ADD COLUMN voided_at timestamptz(3) NOT NULL;
      ALTER TABLE deployment_voided ADD CONSTRAINT deployment_voided_pkey PRIMARY KEY (tenant, deployment_id);
      CREATE INDEX deployment_voided_by_slot ON deployment_voided (tenant, application, environment_name, deployed_at, log_order);
      CREATE INDEX deployment_voided_by_application ON deployment_voided (tenant, application, deployed_at, log_order);
      CREATE INDEX deployment_voided_by_environment ON deployment_voided (tenant, environment_name, deployed_at, log_order);
      CREATE INDEX deployment_voided_by_start ON deployment_voided (tenant, deployed_at, log_order);
      COMMENT ON TABLE deployment_voided IS 'Deployments whose record was voided as a mistake, as they were then: they are not in deployment_history.';
      COMMENT ON COLUMN deployment_voided.voided_at IS 'When the event that voided it was recorded.';
      COMMENT ON TABLE deployment_changed_commit IS 'The commits of deployments whose list of commits has changed, or that were voided, in any of their versions: what queries of the past look for, while the facts of a version say whether it has the commit.';
    `)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE deployment_voided')
  }
}
