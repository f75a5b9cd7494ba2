-- stored commits

WITH RECURSIVE
  found AS (
    SELECT
      least(
        (
          SELECT
            c.sha
          FROM
            deployment_commit c
          WHERE
            c.tenant = $tenant
            AND c.sha >= $prefix
            AND c.sha < $beyond
          ORDER BY
            c.sha
          LIMIT
            1
        ),
        (
          SELECT
            c.git_commit
          FROM
            deployment_superseded c
          WHERE
            c.tenant = $tenant
            AND c.git_commit >= $prefix
            AND c.git_commit < $beyond
          ORDER BY
            c.git_commit
          LIMIT
            1
        ),
        (
          SELECT
            c.sha
          FROM
            deployment_changed_commit c
          WHERE
            c.tenant = $tenant
            AND c.sha >= $prefix
            AND c.sha < $beyond
          ORDER BY
            c.sha
          LIMIT
            1
        )
      ) AS name,
      1 AS n
    UNION ALL
    SELECT
      least(
        (
          SELECT
            c.sha
          FROM
            deployment_commit c
          WHERE
            c.tenant = $tenant
            AND c.sha > found.name
            AND c.sha < $beyond
          ORDER BY
            c.sha
          LIMIT
            1
        ),
        (
          SELECT
            c.git_commit
          FROM
            deployment_superseded c
          WHERE
            c.tenant = $tenant
            AND c.git_commit > found.name
            AND c.git_commit < $beyond
          ORDER BY
            c.git_commit
          LIMIT
            1
        ),
        (
          SELECT
            c.sha
          FROM
            deployment_changed_commit c
          WHERE
            c.tenant = $tenant
            AND c.sha > found.name
            AND c.sha < $beyond
          ORDER BY
            c.sha
          LIMIT
            1
        )
      ),
      n + 1
    FROM
      found
    WHERE
      name IS NOT NULL
      AND n < 200
  )
SELECT
  name
FROM
  found
WHERE
  name ~ '^([0-9a-f]{7,40}|[0-9a-f]{64})$'
ORDER BY
  n

-- of an application
WITH RECURSIVE
  found AS (
    SELECT
      least(
        (
          SELECT
            c.sha
          FROM
            deployment_commit c
          WHERE
            c.tenant = $tenant
            AND c.sha >= $prefix
            AND c.sha < $beyond
            AND c.application = $application
          ORDER BY
            c.sha
          LIMIT
            1
        ),
        (
          SELECT
            c.git_commit
          FROM
            deployment_superseded c
          WHERE
            c.tenant = $tenant
            AND c.git_commit >= $prefix
            AND c.git_commit < $beyond
            AND c.application = $application
          ORDER BY
            c.git_commit
          LIMIT
            1
        ),
        (
          SELECT
            c.sha
          FROM
            deployment_changed_commit c
          WHERE
            c.tenant = $tenant
            AND c.sha >= $prefix
            AND c.sha < $beyond
          ORDER BY
            c.sha
          LIMIT
            1
        )
      ) AS name,
      1 AS n
    UNION ALL
    SELECT
      least(
        (
          SELECT
            c.sha
          FROM
            deployment_commit c
          WHERE
            c.tenant = $tenant
            AND c.sha > found.name
            AND c.sha < $beyond
            AND c.application = $application
          ORDER BY
            c.sha
          LIMIT
            1
        ),
        (
          SELECT
            c.git_commit
          FROM
            deployment_superseded c
          WHERE
            c.tenant = $tenant
            AND c.git_commit > found.name
            AND c.git_commit < $beyond
            AND c.application = $application
          ORDER BY
            c.git_commit
          LIMIT
            1
        ),
        (
          SELECT
            c.sha
          FROM
            deployment_changed_commit c
          WHERE
            c.tenant = $tenant
            AND c.sha > found.name
            AND c.sha < $beyond
          ORDER BY
            c.sha
          LIMIT
            1
        )
      ),
      n + 1
    FROM
      found
    WHERE
      name IS NOT NULL
      AND n < 200
  )
SELECT
  name
FROM
  found
WHERE
  name ~ '^([0-9a-f]{7,40}|[0-9a-f]{64})$'
ORDER BY
  n
