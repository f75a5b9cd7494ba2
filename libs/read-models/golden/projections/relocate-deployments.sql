-- relocate deployments

WITH
  environment AS MATERIALIZED (
    SELECT
      *
    FROM
      unnest($renamed_tenant::text[], $renamed_environment::text[], $renamed_before::text[], $renamed_now::text[]) AS renamed (tenant, environment, before, now)
  ),
  moved AS (
    UPDATE deployment_history h
    SET
      environment_name = environment.now
    FROM
      environment
    WHERE
      h.tenant = environment.tenant
      AND h.environment = environment.environment
      AND h.environment_name = environment.before
    RETURNING
      h.tenant,
      h.deployment_id,
      h.application,
      environment.before,
      environment.now
  ),
  moved_versions AS (
    UPDATE deployment_superseded h
    SET
      environment_name = environment.now
    FROM
      environment
    WHERE
      h.tenant = environment.tenant
      AND h.environment = environment.environment
      AND h.environment_name = environment.before
  ),
  moved_voided AS (
    UPDATE deployment_voided h
    SET
      environment_name = environment.now
    FROM
      environment
    WHERE
      h.tenant = environment.tenant
      AND h.environment = environment.environment
      AND h.environment_name = environment.before
  ),
  moved_commits AS (
    UPDATE deployment_commit c
    SET
      environment_name = moved.now
    FROM
      moved
    WHERE
      c.tenant = moved.tenant
      AND c.deployment_id = moved.deployment_id
  )
SELECT
  tenant,
  application,
  before AS "environmentName"
FROM
  moved
UNION
SELECT
  tenant,
  application,
  now
FROM
  moved
