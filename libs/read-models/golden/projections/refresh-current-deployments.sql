-- refresh current deployments

WITH
  latest AS (
    SELECT
      slot.*,
      candidate.deployment_id
    FROM
      unnest($slot_tenant::text[], $slot_application::text[], $slot_environment_name::text[]) AS slot (tenant, application, environment_name)
      LEFT JOIN LATERAL (
        SELECT
          CASE
            WHEN h.removed_at IS NULL THEN h.deployment_id
          END AS deployment_id
        FROM
          deployment_history h
        WHERE
          (h.tenant, h.application, h.environment_name, h.status) >= (slot.tenant, slot.application, slot.environment_name, 'DEPLOYED')
          AND (h.tenant, h.application, h.environment_name, h.status) <= (slot.tenant, slot.application, slot.environment_name, 'DEPLOYED')
          AND h.succeeded
        ORDER BY
          h.tenant DESC,
          h.application DESC,
          h.environment_name DESC,
          h.status DESC,
          h.deployed_at DESC,
          h.log_order DESC
        LIMIT
          1
      ) candidate ON true
  ),
  emptied AS (
    DELETE FROM deployment_current c USING latest
    WHERE
      latest.deployment_id IS NULL
      AND c.tenant = latest.tenant
      AND c.application = latest.application
      AND c.environment_name = latest.environment_name
  )
INSERT INTO
  deployment_current AS c (tenant, application, environment_name, deployment_id)
SELECT
  *
FROM
  latest
WHERE
  deployment_id IS NOT NULL
ON CONFLICT (tenant, application, environment_name) DO UPDATE
SET
  deployment_id = excluded.deployment_id
WHERE
  c.deployment_id <> excluded.deployment_id
