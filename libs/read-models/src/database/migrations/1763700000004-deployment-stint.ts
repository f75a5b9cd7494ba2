import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Active deployments as a function of time, from which drift is computed. */
export class DeploymentStint1763700000004 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE deployment_stint (
        tenant text COLLATE "C" NOT NULL,
        application text COLLATE "C" NOT NULL,
        environment_name text COLLATE "C" NOT NULL,
        from_at timestamptz(3) NOT NULL,
        deployment_id uuid,
        image_tag text COLLATE "C",
        deployed_at timestamptz(3),
        log_order bigint,
        by_rollback boolean NOT NULL,
        -- What ran at an instant is read from the index alone.
        CONSTRAINT deployment_stint_pkey PRIMARY KEY (tenant, application, environment_name, from_at) INCLUDE (deployment_id)
      );

      -- As JavaScript has it: milliseconds since 1970, and infinity.
      CREATE FUNCTION milliseconds(at timestamptz) RETURNS double precision LANGUAGE sql STABLE PARALLEL SAFE
        RETURN (extract(epoch FROM at) * 1000)::double precision;
    `)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION milliseconds(timestamptz); DROP TABLE deployment_stint')
  }
}
