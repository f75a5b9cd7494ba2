import type { MigrationInterface, QueryRunner } from 'typeorm'

/** The contributions of deployments to the metrics, and their sums. */
export class DeploymentMetrics1763700000005 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE INDEX deployment_history_by_success ON deployment_history
        (tenant, application, environment_name, finished_at, log_order) WHERE succeeded;
      CREATE INDEX deployment_history_by_tag_success ON deployment_history
        (tenant, image_tag, application, environment_name, finished_at, log_order) WHERE succeeded;
      CREATE INDEX deployment_history_by_rollback ON deployment_history (tenant, rollback_of)
        WHERE rollback_of IS NOT NULL;
      CREATE INDEX deployment_history_by_inferred_rollback ON deployment_history (tenant, inferred_rollback_of)
        WHERE inferred_rollback_of IS NOT NULL;

      CREATE TABLE deployment_metric (
        tenant text COLLATE "C" NOT NULL,
        application text COLLATE "C" NOT NULL,
        environment_name text COLLATE "C" NOT NULL,
        finished_at timestamptz(3) NOT NULL,
        log_order bigint NOT NULL,
        deployment_id uuid NOT NULL,
        image_tag text COLLATE "C" NOT NULL,
        succeeded boolean NOT NULL,
        fault text COLLATE "C",
        unplanned boolean NOT NULL,
        duration_ms bigint,
        recovered_at timestamptz(3),
        promotion_lead_ms bigint,
        commit_lead_ms bigint[] NOT NULL,
        CONSTRAINT deployment_metric_pkey PRIMARY KEY (tenant, application, environment_name, finished_at, log_order)
      );
      CREATE INDEX deployment_metric_by_environment ON deployment_metric (tenant, environment_name, finished_at);

      CREATE TABLE deployment_tally (
        tenant text COLLATE "C" NOT NULL,
        environment_name text COLLATE "C" NOT NULL,
        grain text COLLATE "C" NOT NULL,
        start timestamptz(3) NOT NULL,
        deployments integer NOT NULL,
        successes integer NOT NULL,
        failed integer NOT NULL,
        reported integer NOT NULL,
        inferred integer NOT NULL,
        unplanned integer NOT NULL,
        recovered integer NOT NULL,
        recovered_inferred integer NOT NULL,
        CONSTRAINT deployment_tally_pkey PRIMARY KEY (tenant, environment_name, grain, start)
      ) WITH (fillfactor = 70);

      CREATE TABLE deployment_histogram (
        tenant text COLLATE "C" NOT NULL,
        environment_name text COLLATE "C" NOT NULL,
        measure text COLLATE "C" NOT NULL,
        grain text COLLATE "C" NOT NULL,
        start timestamptz(3) NOT NULL,
        class integer NOT NULL,
        count integer NOT NULL,
        CONSTRAINT deployment_histogram_pkey PRIMARY KEY (tenant, environment_name, measure, grain, start, class)
      ) WITH (fillfactor = 70);

      CREATE TABLE deployment_value (
        tenant text COLLATE "C" NOT NULL,
        environment_name text COLLATE "C" NOT NULL,
        measure text COLLATE "C" NOT NULL,
        class integer NOT NULL,
        finished_at timestamptz(3) NOT NULL,
        value bigint NOT NULL,
        count integer NOT NULL,
        CONSTRAINT deployment_value_pkey PRIMARY KEY (tenant, environment_name, measure, class, finished_at, value)
          INCLUDE (count)
      );

      -- 32 classes an octave, about 2 % wide each: the exponent and the first five bits of the fraction of the value as a
      -- double. So they are the same on every machine, which logarithms are not. Zero is a class of its own.
      CREATE FUNCTION value_class(value bigint) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE
        RETURN CASE WHEN value = 0 THEN 0 ELSE sign(value::double precision)::integer * (
          (get_byte(float8send(abs(value)::double precision), 0) << 9)
          + (get_byte(float8send(abs(value)::double precision), 1) << 1)
          + (get_byte(float8send(abs(value)::double precision), 2) >> 7) - 32735) END;
    `)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP FUNCTION value_class(bigint);
      DROP TABLE deployment_value, deployment_histogram, deployment_tally, deployment_metric;
      DROP INDEX deployment_history_by_inferred_rollback, deployment_history_by_rollback,
        deployment_history_by_tag_success, deployment_history_by_success;
    `)
  }
}
