-- load intervals

SELECT
  span.n::integer,
  milliseconds (s.from_at) AS
from
,
  s.deployment_id,
  s.image_tag,
  milliseconds (s.deployed_at) AS deployed_at,
  s.log_order,
  s.by_rollback,
  s.new_tag,
  s.removed,
  milliseconds (h.finished_at) AS finished_at,
  milliseconds (
    CASE
      WHEN h.status = 'DEPLOYED' THEN 'infinity'
      ELSE h.rolled_back_at
    END
  ) AS ends_at,
  milliseconds (h.removed_at) AS removed_at
FROM
  unnest(
    $span_tenant::text[],
    $span_application::text[],
    $span_environment_name::text[],
    $span_from_at::timestamptz[],
    $span_until_at::timestamptz[]
  ) WITH ORDINALITY AS span (tenant, application, environment_name, from_at, until_at, n)
  LEFT JOIN LATERAL (
    SELECT
      s.from_at
    FROM
      deployment_interval s
    WHERE
      (s.tenant, s.application, s.environment_name, s.from_at) < (span.tenant, span.application, span.environment_name, span.from_at)
      AND (s.tenant, s.application, s.environment_name) >= (span.tenant, span.application, span.environment_name)
    ORDER BY
      s.tenant DESC,
      s.application DESC,
      s.environment_name DESC,
      s.from_at DESC
    LIMIT
      1
  ) before ON true
  CROSS JOIN LATERAL (
    SELECT
      s.*
    FROM
      deployment_interval s
    WHERE
      (s.tenant, s.application, s.environment_name, s.from_at) >= (span.tenant, span.application, span.environment_name, coalesce(before.from_at, span.from_at))
      AND (s.tenant, s.application, s.environment_name, s.from_at) <= (span.tenant, span.application, span.environment_name, span.until_at)
    ORDER BY
      s.tenant,
      s.application,
      s.environment_name,
      s.from_at
    OFFSET
      0
  ) s
  LEFT JOIN LATERAL (
    SELECT
      h.*
    FROM
      deployment_history h
    WHERE
      (h.tenant, h.deployment_id) >= (s.tenant, s.deployment_id)
      AND (h.tenant, h.deployment_id) <= (s.tenant, s.deployment_id)
    ORDER BY
      h.tenant,
      h.deployment_id
    OFFSET
      0
  ) h ON true
ORDER BY
  span.n,
  s.from_at
