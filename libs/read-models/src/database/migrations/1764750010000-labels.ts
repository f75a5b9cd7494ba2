import type { MigrationInterface, QueryRunner } from 'typeorm'
import { projectAgain } from './project-again.js'

/** The labels of deployments, by which they are found. Labels are in the events only in full, so all of them are projected again. */
export class Labels1764750010000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await projectAgain(runner)
    await runner.query(`
      CREATE TABLE deployment_label (
        tenant text COLLATE "C" NOT NULL,
        label uuid NOT NULL,
        deployed_at timestamptz(3) NOT NULL,
        log_order bigint NOT NULL,
        deployment_id uuid NOT NULL,
        CONSTRAINT deployment_label_pkey PRIMARY KEY (tenant, label, deployed_at, log_order)
      );
      CREATE INDEX deployment_label_by_deployment ON deployment_label (tenant, deployment_id);
      COMMENT ON TABLE deployment_label IS
        'The labels of deployments, one row each; the key orders the deployments with a label by start.';
      COMMENT ON COLUMN deployment_label.tenant IS 'The tenant.';
      COMMENT ON COLUMN deployment_label.label IS 'Hash of key and value, which can be too long for an index.';
      COMMENT ON COLUMN deployment_label.deployed_at IS 'When the deployment started.';
      COMMENT ON COLUMN deployment_label.log_order IS 'Place of the deployment in log order.';
      COMMENT ON COLUMN deployment_label.deployment_id IS 'The deployment.';
    `)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE deployment_label')
  }
}
