-- abbreviated commits

SELECT
  wanted.name
FROM
  unnest($names::text[]) WITH ORDINALITY AS wanted (name, n)
WHERE
  EXISTS (
    SELECT
    FROM
      deployment_commit c
    WHERE
      c.tenant = $tenant
      AND c.sha = wanted.name
  )
  OR EXISTS (
    SELECT
    FROM
      deployment_superseded c
    WHERE
      c.tenant = $tenant
      AND c.git_commit = wanted.name
  )
  OR EXISTS (
    SELECT
    FROM
      deployment_changed_commit c
    WHERE
      c.tenant = $tenant
      AND c.sha = wanted.name
  )
ORDER BY
  n

-- of an application
SELECT
  wanted.name
FROM
  unnest($names::text[]) WITH ORDINALITY AS wanted (name, n)
WHERE
  EXISTS (
    SELECT
    FROM
      deployment_commit c
    WHERE
      c.tenant = $tenant
      AND c.sha = wanted.name
      AND c.application = $application
  )
  OR EXISTS (
    SELECT
    FROM
      deployment_superseded c
    WHERE
      c.tenant = $tenant
      AND c.git_commit = wanted.name
      AND c.application = $application
  )
  OR EXISTS (
    SELECT
    FROM
      deployment_changed_commit c
    WHERE
      c.tenant = $tenant
      AND c.sha = wanted.name
  )
ORDER BY
  n
