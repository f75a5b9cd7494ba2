-- attribute incidents

WITH
  span AS MATERIALIZED (
    SELECT
      *
    FROM
      unnest(
        $span_tenant::text[],
        $span_application::text[],
        $span_environment_name::text[],
        $span_deployment_id::uuid[],
        $span_from_at::timestamptz[],
        $span_until_at::timestamptz[]
      ) AS span (tenant, application, environment_name, deployment_id, from_at, until_at)
  ),
  active AS (
    SELECT
      span.tenant,
      span.application,
      span.environment_name,
      span.deployment_id,
      greatest(s.from_at, span.from_at) AS from_at,
      least(coalesce(next.from_at, 'infinity'), span.until_at) AS until_at
    FROM
      span
      CROSS JOIN LATERAL (
        SELECT
          s.*
        FROM
          deployment_interval s
        WHERE
          (s.tenant, s.deployment_id) >= (span.tenant, span.deployment_id)
          AND (s.tenant, s.deployment_id) <= (span.tenant, span.deployment_id)
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
  ),
  candidate AS MATERIALIZED (
    SELECT
      i.row_id,
      true AS is_own
    FROM
      unnest($own_tenant::text[], $own_incident_id::text[]) AS own (tenant, incident_id)
      CROSS JOIN LATERAL (
        SELECT
          i.ctid AS row_id
        FROM
          incident i
        WHERE
          (i.tenant, i.incident_id) >= (own.tenant, own.incident_id)
          AND (i.tenant, i.incident_id) <= (own.tenant, own.incident_id)
        ORDER BY
          i.tenant,
          i.incident_id
        OFFSET
          0
      ) i
    UNION
    SELECT
      i.row_id,
      false
    FROM
      unnest($recorded_tenant::text[], $recorded_named_deployment_id::uuid[]) AS recorded (tenant, named_deployment_id)
      CROSS JOIN LATERAL (
        SELECT
          i.ctid AS row_id
        FROM
          incident i
        WHERE
          (i.named_deployment_id, i.tenant) >= (recorded.named_deployment_id, recorded.tenant)
          AND (i.named_deployment_id, i.tenant) <= (recorded.named_deployment_id, recorded.tenant)
          AND i.named_deployment_id IS NOT NULL
        ORDER BY
          i.named_deployment_id,
          i.tenant,
          i.started_at,
          i.log_order
        OFFSET
          0
      ) i
    UNION
    SELECT
      i.row_id,
      false
    FROM
      span
      CROSS JOIN LATERAL (
        SELECT
          i.ctid AS row_id,
          i.named_deployment_id
        FROM
          incident i
        WHERE
          (i.deployment_id, i.tenant, i.started_at) >= (span.deployment_id, span.tenant, span.from_at)
          AND (i.deployment_id, i.tenant, i.started_at) < (span.deployment_id, span.tenant, span.until_at)
          AND i.deployment_id IS NOT NULL
        ORDER BY
          i.deployment_id,
          i.tenant,
          i.started_at,
          i.log_order
        OFFSET
          0
      ) i
    WHERE
      i.named_deployment_id IS NULL
    UNION
    SELECT
      i.row_id,
      false
    FROM
      active
      CROSS JOIN LATERAL (
        SELECT
          i.ctid AS row_id,
          i.named_deployment_id
        FROM
          incident i
        WHERE
          (i.tenant, i.application, i.environment_name, i.started_at) >= (active.tenant, active.application, active.environment_name, active.from_at)
          AND (i.tenant, i.application, i.environment_name, i.started_at) < (active.tenant, active.application, active.environment_name, active.until_at)
        ORDER BY
          i.tenant,
          i.application,
          i.environment_name,
          i.started_at,
          i.log_order
        OFFSET
          0
      ) i
    WHERE
      i.named_deployment_id IS NULL
      AND active.from_at < active.until_at
    UNION
    SELECT
      i.row_id,
      false
    FROM
      unnest(
        $gap_tenant::text[],
        $gap_application::text[],
        $gap_environment_name::text[],
        $gap_removed_at::timestamptz[],
        $gap_deployed_at::timestamptz[],
        $gap_log_order::bigint[]
      ) AS gap (tenant, application, environment_name, removed_at, deployed_at, log_order)
      LEFT JOIN LATERAL (
        SELECT
          next.finished_at
        FROM
          deployment_history next
        WHERE
          (next.tenant, next.application, next.environment_name, next.status, next.deployed_at, next.log_order) > (gap.tenant, gap.application, gap.environment_name, 'DEPLOYED', gap.deployed_at, gap.log_order)
          AND (next.tenant, next.application, next.environment_name, next.status) <= (gap.tenant, gap.application, gap.environment_name, 'DEPLOYED')
          AND next.succeeded
        ORDER BY
          next.tenant,
          next.application,
          next.environment_name,
          next.status,
          next.deployed_at,
          next.log_order
        LIMIT
          1
      ) next ON true
      CROSS JOIN LATERAL (
        SELECT
          i.ctid AS row_id,
          i.named_deployment_id
        FROM
          incident i
        WHERE
          (i.tenant, i.environment_name, i.application, i.started_at) >= (gap.tenant, gap.environment_name, gap.application, gap.removed_at)
          AND (i.tenant, i.environment_name, i.application, i.started_at) < (gap.tenant, gap.environment_name, gap.application, coalesce(next.finished_at, 'infinity'))
          AND i.deployment_id IS NULL
        ORDER BY
          i.tenant,
          i.environment_name,
          i.application,
          i.started_at
        OFFSET
          0
      ) i
    WHERE
      i.named_deployment_id IS NULL
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
