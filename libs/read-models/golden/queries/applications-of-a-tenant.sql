-- applications of a tenant

WITH RECURSIVE
  known AS (
    SELECT
      min(a.application) AS application
    FROM
      deployment_history a
    WHERE
      a.tenant = $tenant
      AND a.application > $after
    UNION ALL
    SELECT
      next.application
    FROM
      known
      CROSS JOIN LATERAL (
        SELECT
          min(a.application) AS application
        FROM
          deployment_history a
        WHERE
          a.tenant = $tenant
          AND a.application > known.application
      ) next
    WHERE
      known.application IS NOT NULL
  )
SELECT
  application
FROM
  known
WHERE
  application IS NOT NULL
LIMIT
  $limit

-- of an application
WITH RECURSIVE
  known AS (
    SELECT
      min(a.application) AS application
    FROM
      deployment_history a
    WHERE
      a.tenant = $tenant
      AND a.application = $application
      AND a.application > $after
    UNION ALL
    SELECT
      next.application
    FROM
      known
      CROSS JOIN LATERAL (
        SELECT
          min(a.application) AS application
        FROM
          deployment_history a
        WHERE
          a.tenant = $tenant
          AND a.application = $application
          AND a.application > known.application
      ) next
    WHERE
      known.application IS NOT NULL
  )
SELECT
  application
FROM
  known
WHERE
  application IS NOT NULL
LIMIT
  $limit
