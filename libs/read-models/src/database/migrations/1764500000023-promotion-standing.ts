import type { MigrationInterface, QueryRunner } from 'typeorm'
import { projectAgain } from './project-again.js'

/**
 * The state of promotions by the current pipeline. The stored state of promotions has a new form, and values from before a key became a
 * secret are masked, so all events are projected again.
 */
export class PromotionStanding1764500000023 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE promotion ADD COLUMN standing json;
      CREATE INDEX promotion_open ON promotion (tenant) WHERE state IN ('VALIDATED', 'APPROVED') OR standing IS NOT NULL;

      CREATE TABLE configuration_secret (
        tenant text COLLATE "C" NOT NULL,
        environment text COLLATE "C" NOT NULL,
        kind text COLLATE "C" NOT NULL,
        key text COLLATE "C" NOT NULL,
        revision integer NOT NULL,
        seq bigint NOT NULL,
        CONSTRAINT configuration_secret_pkey PRIMARY KEY (tenant, environment, kind, key)
      ) WITH (fillfactor = 85);

      ALTER TABLE promotion_rules ADD COLUMN configuration_names json;

      -- The name of an environment's configuration, by the name that the pipeline has for the environment.
      CREATE FUNCTION configuration_name(tenant text, environment text)
      RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
      RETURN coalesce((SELECT r.configuration_names->>$2 FROM promotion_rules r WHERE r.tenant = $1), $2);

      -- A changed key as a promotion's event has it, without its values.
      CREATE FUNCTION masked_change(change json, mask text) RETURNS json LANGUAGE sql IMMUTABLE PARALLEL SAFE
      RETURN (
        SELECT json_object_agg(member.key, CASE WHEN member.key IN ('source', 'target', 'before', 'after') THEN (
            SELECT json_object_agg(part.key, CASE WHEN part.key = 'value' THEN to_json(mask) ELSE part.value END)
            FROM json_each(member.value) part
          ) ELSE member.value END)
        FROM json_each(change) member);
    `)
    await projectAgain(runner)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP FUNCTION masked_change(json, text);
      DROP FUNCTION configuration_name(text, text);
      ALTER TABLE promotion_rules DROP COLUMN configuration_names;
      DROP TABLE configuration_secret;
      DROP INDEX promotion_open;
      ALTER TABLE promotion DROP COLUMN standing;
    `)
  }
}
