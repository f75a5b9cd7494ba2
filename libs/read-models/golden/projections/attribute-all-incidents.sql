-- attribute all incidents

WITH
  candidate AS MATERIALIZED (
    SELECT
      i.ctid AS row_id,
      false AS is_own
    FROM
      incident i
    WHERE
      i.tenant = ANY ($tenants)
  ),
  wanted AS MATERIALIZED (
    SELECT
      candidate.row_id,
      bool_or(candidate.is_own) AS is_own
    FROM
      candidate
    GROUP BY
      candidate.row_id
  ),
  attributed AS MATERIALIZED (
    SELECT
      wanted.*,
      i.tenant,
      i.deployment_id AS before,
      coalesce(named.deployment_id, active.deployment_id) AS deployment_id,
      coalesce(i.named_application, named.application) AS application,
      coalesce(i.named_environment, named.environment) AS environment,
      CASE
        WHEN i.named_environment IS NULL THEN named.environment_name
        ELSE i.environment_name
      END AS environment_name
    FROM
      wanted
      JOIN incident i ON i.ctid = wanted.row_id
      LEFT JOIN LATERAL (
        SELECT
          h.*
        FROM
          (
            SELECT
              i.tenant,
              i.named_deployment_id AS deployment_id
          ) name
          CROSS JOIN LATERAL (
            SELECT
              *
            FROM
              (
                SELECT
                  h.deployment_id,
                  h.application,
                  h.environment,
                  h.environment_name
                FROM
                  deployment_history h
                WHERE
                  (h.tenant, h.deployment_id) >= (name.tenant, name.deployment_id)
                  AND (h.tenant, h.deployment_id) <= (name.tenant, name.deployment_id)
                ORDER BY
                  h.tenant,
                  h.deployment_id
                OFFSET
                  0
              ) counting
            UNION ALL
            SELECT
              *
            FROM
              (
                SELECT
                  h.deployment_id,
                  h.application,
                  h.environment,
                  h.environment_name
                FROM
                  deployment_voided h
                WHERE
                  (h.tenant, h.deployment_id) >= (name.tenant, name.deployment_id)
                  AND (h.tenant, h.deployment_id) <= (name.tenant, name.deployment_id)
                ORDER BY
                  h.tenant,
                  h.deployment_id
                OFFSET
                  0
              ) voided
          ) h
        WHERE
          (
            i.named_application IS NULL
            OR h.application = i.named_application
          )
          AND (
            i.named_environment IS NULL
            OR h.environment_name = i.environment_name
          )
      ) named ON i.named_deployment_id IS NOT NULL
      LEFT JOIN LATERAL (
        SELECT
          CASE
            WHEN NOT s.removed THEN s.deployment_id
          END AS deployment_id
        FROM
          deployment_interval s
        WHERE
          (s.tenant, s.application, s.environment_name, s.from_at) <= (i.tenant, i.application, i.environment_name, i.started_at)
          AND (s.tenant, s.application, s.environment_name) >= (i.tenant, i.application, i.environment_name)
        ORDER BY
          s.tenant DESC,
          s.application DESC,
          s.environment_name DESC,
          s.from_at DESC
        LIMIT
          1
      ) active ON i.named_deployment_id IS NULL
  ),
  changed AS (
    UPDATE incident i
    SET
      deployment_id = attributed.deployment_id,
      application = attributed.application,
      environment = attributed.environment,
      environment_name = attributed.environment_name
    FROM
      attributed
    WHERE
      i.ctid = attributed.row_id
      AND (i.deployment_id, i.application, i.environment, i.environment_name) IS DISTINCT FROM (attributed.deployment_id, attributed.application, attributed.environment, attributed.environment_name)
    RETURNING
      i.tenant,
      attributed.before,
      attributed.deployment_id AS now
  )
SELECT DISTINCT
  tenant,
  before,
  now
FROM
  changed
UNION
SELECT
  tenant,
  before,
  deployment_id
FROM
  attributed
WHERE
  is_own
