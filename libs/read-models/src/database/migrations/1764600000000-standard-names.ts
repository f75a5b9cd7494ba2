import type { MigrationInterface, QueryRunner } from 'typeorm'
import { projectAgain } from './project-again.js'

// Locks first, and reads with the snapshot of a new statement, which sees what the owners of the locks have committed.
const pipelineLock = (name: string, table: string) => `
  CREATE FUNCTION ${name}(kind integer, buckets integer[], alone boolean[], tenants text[])
  RETURNS TABLE (tenant text, pipeline json) LANGUAGE plpgsql VOLATILE AS $$
  BEGIN
    PERFORM CASE WHEN wanted.alone THEN pg_advisory_xact_lock(kind, wanted.bucket)
      ELSE pg_advisory_xact_lock_shared(kind, wanted.bucket) END
    FROM unnest(buckets, alone) AS wanted(bucket, alone);
    RETURN QUERY SELECT p.tenant, p.pipeline FROM ${table} p WHERE p.tenant = ANY (tenants) AND p.pipeline IS NOT NULL;
  END $$`

/** Tables, columns and functions by the terms of the glossary. */
export class StandardNames1764600000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await projectAgain(runner)
    await runner.query(`
      ALTER TABLE deployment_stint RENAME TO deployment_interval;
      ALTER INDEX deployment_stint_pkey RENAME TO deployment_interval_pkey;
      ALTER INDEX deployment_stint_by_deployment RENAME TO deployment_interval_by_deployment;
      ALTER TABLE deployment_tally RENAME TO deployment_counter;
      ALTER INDEX deployment_tally_pkey RENAME TO deployment_counter_pkey;
      ALTER TABLE deployment_histogram RENAME COLUMN class TO bin;
      ALTER TABLE deployment_value RENAME COLUMN class TO bin;
      ALTER FUNCTION value_class(bigint) RENAME TO value_bin;
      ALTER TABLE deployment_metric RENAME COLUMN fault TO failure_kind;
      ALTER INDEX deployment_history_by_place RENAME TO deployment_history_by_slot;
      ALTER INDEX deployment_superseded_by_place RENAME TO deployment_superseded_by_slot;
      ALTER TABLE promotion_rules RENAME TO tenant_pipeline;
      ALTER INDEX promotion_rules_pkey RENAME TO tenant_pipeline_pkey;
      DROP FUNCTION hold_pipelines(integer, integer[], boolean[], text[]);
      ${pipelineLock('lock_pipelines', 'tenant_pipeline')};
    `)
  }

  async down(runner: QueryRunner): Promise<void> {
    await projectAgain(runner)
    await runner.query(`
      DROP FUNCTION lock_pipelines(integer, integer[], boolean[], text[]);
      ALTER INDEX tenant_pipeline_pkey RENAME TO promotion_rules_pkey;
      ALTER TABLE tenant_pipeline RENAME TO promotion_rules;
      ALTER INDEX deployment_superseded_by_slot RENAME TO deployment_superseded_by_place;
      ALTER INDEX deployment_history_by_slot RENAME TO deployment_history_by_place;
      ALTER TABLE deployment_metric RENAME COLUMN failure_kind TO fault;
      ALTER FUNCTION value_bin(bigint) RENAME TO value_class;
      ALTER TABLE deployment_value RENAME COLUMN bin TO class;
      ALTER TABLE deployment_histogram RENAME COLUMN bin TO class;
      ALTER INDEX deployment_counter_pkey RENAME TO deployment_tally_pkey;
      ALTER TABLE deployment_counter RENAME TO deployment_tally;
      ALTER INDEX deployment_interval_by_deployment RENAME TO deployment_stint_by_deployment;
      ALTER INDEX deployment_interval_pkey RENAME TO deployment_stint_pkey;
      ALTER TABLE deployment_interval RENAME TO deployment_stint;
      ${pipelineLock('hold_pipelines', 'promotion_rules')};
    `)
  }
}
