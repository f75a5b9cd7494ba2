import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Configurations, promotions and pipelines; from here on a tenant's own pipeline names its environments. */
export class Configuration1763700000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE deployment_history ADD COLUMN during_freeze text, ADD COLUMN correlation_id text;

      CREATE TABLE promotion_rules (
        tenant text COLLATE "C" NOT NULL,
        pipeline json,
        freezes json,
        version integer NOT NULL,
        CONSTRAINT promotion_rules_pkey PRIMARY KEY (tenant)
      );

      CREATE TABLE key_schema (
        tenant text COLLATE "C" NOT NULL,
        key_pattern text COLLATE "C" NOT NULL,
        schema json NOT NULL,
        updated_at timestamptz(3) NOT NULL,
        updated_by text,
        CONSTRAINT key_schema_pkey PRIMARY KEY (tenant, key_pattern)
      );

      CREATE TABLE configuration_history (
        tenant text COLLATE "C" NOT NULL,
        environment text COLLATE "C" NOT NULL,
        kind text COLLATE "C" NOT NULL,
        key text COLLATE "C" NOT NULL,
        revision integer NOT NULL,
        id uuid NOT NULL,
        hash text COLLATE "C",
        value json,
        secret boolean NOT NULL,
        description text,
        changed_at timestamptz(3) NOT NULL,
        changed_by text,
        recorded_at timestamptz(3) NOT NULL,
        partition smallint NOT NULL,
        seq bigint NOT NULL,
        promotion_id uuid,
        promotion_action text COLLATE "C",
        CONSTRAINT configuration_history_pkey PRIMARY KEY (tenant, environment, kind, key, revision)
      );

      CREATE TABLE configuration_current (
        tenant text COLLATE "C" NOT NULL,
        environment text COLLATE "C" NOT NULL,
        kind text COLLATE "C" NOT NULL,
        key text COLLATE "C" NOT NULL,
        revision integer NOT NULL,
        id uuid NOT NULL,
        hash text COLLATE "C" NOT NULL,
        value json,
        secret boolean NOT NULL,
        description text,
        changed_at timestamptz(3) NOT NULL,
        changed_by text,
        CONSTRAINT configuration_current_pkey PRIMARY KEY (tenant, environment, kind, key)
      ) WITH (fillfactor = 80);

      CREATE TABLE promotion (
        tenant text COLLATE "C" NOT NULL,
        promotion_id uuid NOT NULL,
        state text COLLATE "C" NOT NULL,
        source_environment text COLLATE "C" NOT NULL,
        target_environment text COLLATE "C" NOT NULL,
        created_at timestamptz(3) NOT NULL,
        promotion json NOT NULL,
        recorded_at timestamptz(3) NOT NULL,
        partition smallint NOT NULL,
        log_order bigint NOT NULL,
        last_seq bigint NOT NULL,
        version integer NOT NULL,
        CONSTRAINT promotion_pkey PRIMARY KEY (tenant, promotion_id)
      );
      CREATE INDEX promotion_by_creation ON promotion (tenant, created_at, log_order);

      CREATE TABLE promotion_event (
        tenant text COLLATE "C" NOT NULL,
        promotion_id uuid NOT NULL,
        version integer NOT NULL,
        partition smallint NOT NULL,
        seq bigint NOT NULL,
        type text COLLATE "C" NOT NULL,
        actor text,
        time timestamptz(3) NOT NULL,
        recorded_at timestamptz(3) NOT NULL,
        data json NOT NULL,
        CONSTRAINT promotion_event_pkey PRIMARY KEY (tenant, promotion_id, version)
      );

      CREATE FUNCTION environments(tenant text)
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

      CREATE FUNCTION environment_name(tenant text, environment text)
      RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
      RETURN coalesce(
        (SELECT e.name FROM environments($1) e WHERE $2 = ANY (e.words) ORDER BY e.rank LIMIT 1), $2);

      CREATE FUNCTION environment_words(tenant text, environment text)
      RETURNS text[] LANGUAGE sql STABLE PARALLEL SAFE
      RETURN coalesce(
        (SELECT e.words FROM environments($1) e WHERE $2 = ANY (e.words) ORDER BY e.rank LIMIT 1), ARRAY[$2]);

      -- Locks first, and reads with the snapshot of a new statement: what the owner of a lock has committed is seen.
      CREATE FUNCTION hold_pipelines(kind integer, buckets integer[], alone boolean[], tenants text[])
      RETURNS TABLE (tenant text, pipeline json) LANGUAGE plpgsql VOLATILE AS $$
      BEGIN
        PERFORM CASE WHEN held.alone THEN pg_advisory_xact_lock(kind, held.bucket)
          ELSE pg_advisory_xact_lock_shared(kind, held.bucket) END
        FROM unnest(buckets, alone) AS held(bucket, alone);
        RETURN QUERY SELECT r.tenant, r.pipeline FROM promotion_rules r
          WHERE r.tenant = ANY (tenants) AND r.pipeline IS NOT NULL;
      END $$;
    `)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP FUNCTION hold_pipelines(integer, integer[], boolean[], text[]);
      DROP FUNCTION environment_words(text, text);
      DROP FUNCTION environment_name(text, text);
      DROP FUNCTION environments(text);
      DROP TABLE promotion_event, promotion, configuration_current,
        configuration_history, key_schema, promotion_rules;
      ALTER TABLE deployment_history DROP COLUMN during_freeze, DROP COLUMN correlation_id;
    `)
  }
}
