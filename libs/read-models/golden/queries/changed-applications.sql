-- changed applications

-- deployments
SELECT
  application,
  count(*)::int AS deployments
FROM
  deployment_history
WHERE
  tenant = $tenant
  AND environment_name = ANY ($environments)
  AND application = $application
  AND known_from > $since::timestamptz
GROUP BY
  application
HAVING
  bool_or(known_from > $since::timestamptz)
ORDER BY
  application

-- deployments, several values and labels
SELECT
  application,
  count(*)::int AS deployments
FROM
  deployment_history
WHERE
  tenant = $tenant
  AND environment_name = ANY ($environments)
  AND application = ANY ($applications)
  AND known_from > $since::timestamptz
GROUP BY
  application
HAVING
  bool_or(known_from > $since::timestamptz)
ORDER BY
  application

-- deploymentFrequency
SELECT
  application,
  count(*)::int AS deployments
FROM
  deployment_history
WHERE
  tenant = $tenant
  AND environment_name = ANY ($environments)
  AND known_from > $since::timestamptz
GROUP BY
  application
HAVING
  bool_or(known_from > $since::timestamptz)
ORDER BY
  application

-- changeFailRate
SELECT
  application,
  count(*)::int AS deployments
FROM
  deployment_history
WHERE
  tenant = $tenant
  AND environment_name = ANY ($environments)
GROUP BY
  application
HAVING
  bool_or(known_from > $since::timestamptz)
  OR application IN (
    SELECT
      i.application
    FROM
      incident i
    WHERE
      i.tenant = $tenant
      AND i.environment_name = ANY ($environments)
      AND greatest(i.recorded_at, i.resolution_known_from) > $since::timestamptz
  )
ORDER BY
  application

-- changeFailRate, several values and labels
SELECT
  application,
  count(*)::int AS deployments
FROM
  deployment_history
WHERE
  tenant = $tenant
  AND environment_name = ANY ($environments)
  AND application = ANY ($applications)
GROUP BY
  application
HAVING
  bool_or(known_from > $since::timestamptz)
  OR application IN (
    SELECT
      i.application
    FROM
      incident i
    WHERE
      i.tenant = $tenant
      AND i.environment_name = ANY ($environments)
      AND greatest(i.recorded_at, i.resolution_known_from) > $since::timestamptz
  )
ORDER BY
  application

-- leadTimeForChange
SELECT
  application,
  count(*)::int AS deployments
FROM
  deployment_history
WHERE
  tenant = $tenant
  AND environment_name = ANY ($environments)
GROUP BY
  application
HAVING
  bool_or(known_from > $since::timestamptz)
ORDER BY
  application

-- leadTimeForChange, several values and labels
SELECT
  application,
  count(*)::int AS deployments
FROM
  deployment_history
WHERE
  tenant = $tenant
  AND environment_name = ANY ($environments)
  AND application = ANY ($applications)
GROUP BY
  application
HAVING
  bool_or(known_from > $since::timestamptz)
ORDER BY
  application
