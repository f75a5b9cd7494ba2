import type { MigrationInterface, QueryRunner } from 'typeorm'

/** The first version of the read models. */
export class ReadV11763700000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // Keys are compared by code point: a database's default collation may order differently, and slower.
    await runner.query(`
      CREATE TABLE deployment_history (
        tenant text COLLATE "C" NOT NULL,
        deployment_id uuid NOT NULL,
        application text COLLATE "C" NOT NULL,
        environment text COLLATE "C" NOT NULL,
        environment_name text COLLATE "C" NOT NULL,
        image_tag text COLLATE "C" NOT NULL,
        image text,
        git_commit text COLLATE "C",
        git_branch text COLLATE "C",
        status text COLLATE "C" NOT NULL,
        succeeded boolean NOT NULL,
        deployed_at timestamptz(3) NOT NULL,
        completed_at timestamptz(3),
        finished_at timestamptz(3) NOT NULL,
        rolled_back_at timestamptz(3),
        rollback_reason text,
        rollback_of uuid,
        inferred_rollback_of uuid,
        actor text COLLATE "C",
        pipeline json,
        commits json,
        notes text,
        migrations json,
        unplanned boolean,
        labels json,
        recorded_at timestamptz(3) NOT NULL,
        partition smallint NOT NULL,
        recorded_seq bigint NOT NULL,
        log_order bigint NOT NULL,
        last_seq bigint NOT NULL,
        version integer NOT NULL,
        CONSTRAINT deployment_history_pkey PRIMARY KEY (tenant, deployment_id)
      );
      CREATE INDEX deployment_history_by_place ON deployment_history
        (tenant, application, environment_name, deployed_at, log_order);
      CREATE INDEX deployment_history_by_application ON deployment_history
        (tenant, application, deployed_at, log_order);
      CREATE INDEX deployment_history_by_environment ON deployment_history
        (tenant, environment_name, deployed_at, log_order);
      CREATE INDEX deployment_history_by_start ON deployment_history (tenant, deployed_at, log_order);
      CREATE INDEX deployment_history_by_tag ON deployment_history
        (tenant, image_tag, application, environment_name, deployed_at, log_order);
      CREATE INDEX deployment_history_by_commit ON deployment_history
        (tenant, git_commit, deployed_at, log_order) WHERE git_commit IS NOT NULL;
      CREATE INDEX deployment_history_by_branch ON deployment_history
        (tenant, git_branch, deployed_at, log_order) WHERE git_branch IS NOT NULL;
      CREATE INDEX deployment_history_by_actor ON deployment_history
        (tenant, actor, deployed_at, log_order) WHERE actor IS NOT NULL;
      CREATE INDEX deployment_history_not_deployed ON deployment_history
        (tenant, status, deployed_at, log_order) WHERE status <> 'DEPLOYED';
      CREATE INDEX deployment_history_by_finish ON deployment_history
        (tenant, application, environment_name, finished_at) WHERE finished_at > deployed_at;

      CREATE TABLE deployment_event (
        tenant text COLLATE "C" NOT NULL,
        deployment_id uuid NOT NULL,
        version integer NOT NULL,
        partition smallint NOT NULL,
        seq bigint NOT NULL,
        type text COLLATE "C" NOT NULL,
        actor text,
        time timestamptz(3) NOT NULL,
        recorded_at timestamptz(3) NOT NULL,
        data json NOT NULL,
        CONSTRAINT deployment_event_pkey PRIMARY KEY (tenant, deployment_id, version)
      );

      CREATE TABLE deployment_current (
        tenant text COLLATE "C" NOT NULL,
        application text COLLATE "C" NOT NULL,
        environment_name text COLLATE "C" NOT NULL,
        deployment_id uuid NOT NULL,
        CONSTRAINT deployment_current_pkey PRIMARY KEY (tenant, application, environment_name)
      ) WITH (fillfactor = 70);

      CREATE TABLE projection_position (
        projection text COLLATE "C" NOT NULL,
        partition smallint NOT NULL,
        seq bigint NOT NULL,
        next_offset bigint NOT NULL,
        CONSTRAINT projection_position_pkey PRIMARY KEY (projection, partition)
      ) WITH (fillfactor = 50);

      CREATE TABLE parked_event (
        projection text COLLATE "C" NOT NULL,
        partition smallint NOT NULL,
        "offset" bigint NOT NULL,
        seq bigint,
        event_id text,
        type text,
        reason text NOT NULL,
        parked_at timestamptz(3) NOT NULL DEFAULT now(),
        CONSTRAINT parked_event_pkey PRIMARY KEY (projection, partition)
      );

      CREATE FUNCTION instant(at timestamptz) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
        RETURN to_char(at AT TIME ZONE 'UTC', CASE WHEN date_trunc('second', at) = at
          THEN 'YYYY-MM-DD"T"HH24:MI:SS"Z"' ELSE 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"' END);
    `)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP FUNCTION instant(timestamptz);
      DROP TABLE parked_event, projection_position, deployment_current,
        deployment_event, deployment_history;
    `)
  }
}
