-- infer rollbacks of slots

WITH
  success AS (
    SELECT
      h.tenant,
      h.application,
      h.environment_name,
      h.deployment_id,
      h.image_tag,
      h.rollback_of,
      h.inferred_rollback_of,
      h.deployed_at,
      h.log_order,
      row_number() OVER slot AS n
    FROM
      unnest($touched_tenant::text[], $touched_application::text[], $touched_environment_name::text[]) AS touched (tenant, application, environment_name)
      JOIN deployment_history h USING (tenant, application, environment_name)
    WHERE
      h.succeeded
    WINDOW
      slot AS (
        PARTITION BY
          h.tenant,
          h.application,
          h.environment_name
        ORDER BY
          h.deployed_at,
          h.log_order
      )
  ),
  ranked AS (
    SELECT
      success.*,
      min(n) OVER (
        PARTITION BY
          tenant,
          application,
          environment_name,
          image_tag
      ) AS first_of_tag
    FROM
      success
  ),
  evaluated AS (
    SELECT
      tenant,
      deployment_id,
      inferred_rollback_of AS before,
      CASE
        WHEN rollback_of IS NULL
        AND first_of_tag < lag(first_of_tag) OVER slot THEN lag(deployment_id) OVER slot
      END AS now
    FROM
      ranked
    WINDOW
      slot AS (
        PARTITION BY
          tenant,
          application,
          environment_name
        ORDER BY
          n
      )
  )
UPDATE deployment_history h
SET
  inferred_rollback_of = evaluated.now
FROM
  evaluated
WHERE
  evaluated.now IS DISTINCT FROM evaluated.before
  AND h.tenant = evaluated.tenant
  AND h.deployment_id = evaluated.deployment_id
