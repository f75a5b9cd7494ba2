-- spans of deployments

SELECT
  wanted.n::integer,
  milliseconds (s.from_at) AS
from
,
  coalesce(milliseconds (next.from_at), 'infinity') AS until
FROM
  unnest($wanted_tenant::text[], $wanted_deployment_id::uuid[]) WITH ORDINALITY AS wanted (tenant, deployment_id, n)
  CROSS JOIN LATERAL (
    SELECT
      s.*
    FROM
      deployment_interval s
    WHERE
      (s.tenant, s.deployment_id) >= (wanted.tenant, wanted.deployment_id)
      AND (s.tenant, s.deployment_id) <= (wanted.tenant, wanted.deployment_id)
    ORDER BY
      s.tenant,
      s.deployment_id
    OFFSET
      0
  ) s
  LEFT JOIN LATERAL (
    SELECT
      next.from_at
    FROM
      deployment_interval next
    WHERE
      (next.tenant, next.application, next.environment_name, next.from_at) > (s.tenant, s.application, s.environment_name, s.from_at)
      AND (next.tenant, next.application, next.environment_name) <= (s.tenant, s.application, s.environment_name)
    ORDER BY
      next.tenant,
      next.application,
      next.environment_name,
      next.from_at
    LIMIT
      1
  ) next ON true
