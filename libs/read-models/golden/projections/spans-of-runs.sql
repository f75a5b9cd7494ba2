-- spans of runs

WITH
  changed_deployment AS MATERIALIZED (
    SELECT
      *
    FROM
      unnest($changed_tenant::text[], $changed_deployment_id::uuid[]) AS changed (tenant, deployment_id)
  )
SELECT
  run.n::integer,
  milliseconds (hiding.from_at) AS hidden_at
FROM
  unnest(
    $run_tenant::text[],
    $run_application::text[],
    $run_environment_name::text[],
    $run_from_at::timestamptz[],
    $run_until_at::timestamptz[],
    $run_deployed_at::timestamptz[],
    $run_log_order::bigint[],
    $run_ends_at::timestamptz[]
  ) WITH ORDINALITY AS run (tenant, application, environment_name, from_at, until_at, deployed_at, log_order, ends_at, n)
  LEFT JOIN LATERAL (
    SELECT
      s.from_at
    FROM
      deployment_interval s
    WHERE
      (s.tenant, s.application, s.environment_name, s.from_at) <= (run.tenant, run.application, run.environment_name, run.from_at)
      AND (s.tenant, s.application, s.environment_name) >= (run.tenant, run.application, run.environment_name)
    ORDER BY
      s.tenant DESC,
      s.application DESC,
      s.environment_name DESC,
      s.from_at DESC
    LIMIT
      1
  ) first ON true
  CROSS JOIN LATERAL (
    SELECT
      s.from_at
    FROM
      deployment_interval s
      CROSS JOIN LATERAL (
        SELECT
          h.status,
          h.rolled_back_at
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
      ) h
    WHERE
      (s.tenant, s.application, s.environment_name, s.from_at) >= (run.tenant, run.application, run.environment_name, coalesce(first.from_at, run.from_at))
      AND (s.tenant, s.application, s.environment_name, s.from_at) <= (run.tenant, run.application, run.environment_name, run.until_at)
      AND (s.deployed_at, s.log_order) > (run.deployed_at, run.log_order)
      AND (
        h.status = 'DEPLOYED'
        OR h.rolled_back_at >= run.ends_at
      )
      AND (s.tenant, s.deployment_id) NOT IN (
        SELECT
          tenant,
          deployment_id
        FROM
          changed_deployment
      )
    ORDER BY
      s.tenant,
      s.application,
      s.environment_name,
      s.from_at
    LIMIT
      1
  ) hiding
