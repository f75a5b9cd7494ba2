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

-- of several applications, by label
WITH RECURSIVE
  known AS (
    SELECT
      a.application
    FROM
      unnest($applications::text[]) WITH ORDINALITY AS wanted (application, n)
      CROSS JOIN LATERAL (
        SELECT
          wanted.application COLLATE "C" AS application
      ) a
    WHERE
      EXISTS (
        SELECT
        FROM
          deployment_history known
        WHERE
          known.tenant = $tenant
          AND known.application = a.application
      )
    ORDER BY
      n
  )
SELECT
  application
FROM
  known
WHERE
  application IS NOT NULL
LIMIT
  $limit
