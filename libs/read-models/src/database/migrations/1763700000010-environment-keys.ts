import type { MigrationInterface, QueryRunner } from 'typeorm'
import { projectAgain } from './project-again.js'

const byKeys = (environments: string) => `
  CREATE OR REPLACE FUNCTION environments(tenant text)
  RETURNS TABLE (name text, words text[], rank integer) LANGUAGE sql STABLE PARALLEL SAFE
  BEGIN ATOMIC
    SELECT known.value->>'name', ARRAY(SELECT json_array_elements_text(known.value->'keys')), known.ordinality::integer
    FROM json_array_elements(coalesce(
      (SELECT r.environments FROM promotion_rules r WHERE r.tenant = $1), ${environments}
    )) WITH ORDINALITY known;
  END`

/**
 * Names of environments are compared by keys, which are computed outside of the database: `words` of a pipeline's environment are the keys
 * of its names, and environment_name and environment_words take a key. All deployments are assigned again.
 */
export class EnvironmentKeys1763700000010 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE promotion_rules ADD COLUMN environments json')
    await runner.query(
      byKeys(`'[{"name": "dev", "keys": ["dev", "development"]}, {"name": "staging", "keys": ["staging", "stage"]},
        {"name": "production", "keys": ["production", "prod"]}]'::json`),
    )
    await projectAgain(runner)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE OR REPLACE FUNCTION environments(tenant text)
      RETURNS TABLE (name text, words text[], rank integer) LANGUAGE sql STABLE PARALLEL SAFE
      BEGIN ATOMIC
        SELECT known.value->>'name',
          array_prepend(known.value->>'name', ARRAY(SELECT json_array_elements_text(known.value->'aliases'))),
          known.ordinality::integer
        FROM json_array_elements(coalesce(
          (SELECT r.pipeline FROM promotion_rules r WHERE r.tenant = $1),
          '{"environments": [{"name": "dev", "aliases": ["development"]}, {"name": "staging", "aliases": ["stage"]},
            {"name": "production", "aliases": ["prod"]}]}'::json
        )->'environments') WITH ORDINALITY known;
      END;
      ALTER TABLE promotion_rules DROP COLUMN environments`)
  }
}
