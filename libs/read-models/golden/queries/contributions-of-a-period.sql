-- contributions of a period

-- deployments
SELECT
  (
    SELECT
      count(*)::integer
    FROM
      generate_series(
        least(
          date_trunc('day', $start::timestamptz AT TIME ZONE $timezone::text),
          date_trunc('day', ($end::timestamptz - interval '1 millisecond') AT TIME ZONE $timezone::text)
        ),
        greatest(
          date_trunc('day', $start::timestamptz AT TIME ZONE $timezone::text),
          date_trunc('day', ($end::timestamptz - interval '1 millisecond') AT TIME ZONE $timezone::text)
        ),
        interval '1 day'
      ) AS day
    WHERE
      (day AT TIME ZONE $timezone::text AT TIME ZONE $timezone::text)::date = day::date
  ) AS days,
  coalesce(
    (
      SELECT
        json_agg(json_build_array(json_build_array(part, value), count))
      FROM
        (
          SELECT
            'counted' AS part,
            NULL::bigint AS value,
            count(*) AS count
          FROM
            deployment_metric m
          WHERE
            m.tenant = $tenant
            AND m.environment_name = $environment
            AND m.finished_at >= $start::timestamptz
            AND m.finished_at < $end::timestamptz
            AND m.application = $application
            AND NOT m.cancelled
          GROUP BY
            1,
            2
          LIMIT
            500001
        ) counted
    ),
    '[]'
  ) AS contributions

-- deploymentFrequency
SELECT
  (
    SELECT
      count(*)::integer
    FROM
      generate_series(
        least(
          date_trunc('day', $start::timestamptz AT TIME ZONE $timezone::text),
          date_trunc('day', ($end::timestamptz - interval '1 millisecond') AT TIME ZONE $timezone::text)
        ),
        greatest(
          date_trunc('day', $start::timestamptz AT TIME ZONE $timezone::text),
          date_trunc('day', ($end::timestamptz - interval '1 millisecond') AT TIME ZONE $timezone::text)
        ),
        interval '1 day'
      ) AS day
    WHERE
      (day AT TIME ZONE $timezone::text AT TIME ZONE $timezone::text)::date = day::date
  ) AS days,
  coalesce(
    (
      SELECT
        json_agg(json_build_array(json_build_array(part, value), count))
      FROM
        (
          SELECT
            'counted' AS part,
            NULL::bigint AS value,
            count(*) AS count
          FROM
            deployment_metric m
          WHERE
            m.tenant = $tenant
            AND m.environment_name = $environment
            AND m.finished_at >= $start::timestamptz
            AND m.finished_at < $end::timestamptz
            AND m.succeeded
          GROUP BY
            1,
            2
          LIMIT
            500001
        ) counted
    ),
    '[]'
  ) AS contributions

-- cancelled
SELECT
  (
    SELECT
      count(*)::integer
    FROM
      generate_series(
        least(
          date_trunc('day', $start::timestamptz AT TIME ZONE $timezone::text),
          date_trunc('day', ($end::timestamptz - interval '1 millisecond') AT TIME ZONE $timezone::text)
        ),
        greatest(
          date_trunc('day', $start::timestamptz AT TIME ZONE $timezone::text),
          date_trunc('day', ($end::timestamptz - interval '1 millisecond') AT TIME ZONE $timezone::text)
        ),
        interval '1 day'
      ) AS day
    WHERE
      (day AT TIME ZONE $timezone::text AT TIME ZONE $timezone::text)::date = day::date
  ) AS days,
  coalesce(
    (
      SELECT
        json_agg(json_build_array(json_build_array(part, value), count))
      FROM
        (
          SELECT
            'counted' AS part,
            NULL::bigint AS value,
            count(*) AS count
          FROM
            deployment_metric m
          WHERE
            m.tenant = $tenant
            AND m.environment_name = $environment
            AND m.finished_at >= $start::timestamptz
            AND m.finished_at < $end::timestamptz
            AND m.cancelled
          GROUP BY
            1,
            2
          LIMIT
            500001
        ) counted
    ),
    '[]'
  ) AS contributions

-- changeFailRate
SELECT
  (
    SELECT
      count(*)::integer
    FROM
      generate_series(
        least(
          date_trunc('day', $start::timestamptz AT TIME ZONE $timezone::text),
          date_trunc('day', ($end::timestamptz - interval '1 millisecond') AT TIME ZONE $timezone::text)
        ),
        greatest(
          date_trunc('day', $start::timestamptz AT TIME ZONE $timezone::text),
          date_trunc('day', ($end::timestamptz - interval '1 millisecond') AT TIME ZONE $timezone::text)
        ),
        interval '1 day'
      ) AS day
    WHERE
      (day AT TIME ZONE $timezone::text AT TIME ZONE $timezone::text)::date = day::date
  ) AS days,
  coalesce(
    (
      SELECT
        json_agg(json_build_array(json_build_array(part, value), count))
      FROM
        (
          SELECT
            CASE m.failure_kind
              WHEN 'failed' THEN 'failed'
              WHEN 'reported' THEN 'rolledBackReported'
              WHEN 'inferred' THEN 'rolledBackInferred'
              WHEN 'incident' THEN 'incidents'
              ELSE 'counted'
            END AS part,
            NULL::bigint AS value,
            count(*) AS count
          FROM
            deployment_metric m
          WHERE
            m.tenant = $tenant
            AND m.environment_name = $environment
            AND m.finished_at >= $start::timestamptz
            AND m.finished_at < $end::timestamptz
            AND NOT m.cancelled
          GROUP BY
            1,
            2
          LIMIT
            500001
        ) counted
    ),
    '[]'
  ) AS contributions

-- leadTimeForChange
SELECT
  (
    SELECT
      count(*)::integer
    FROM
      generate_series(
        least(
          date_trunc('day', $start::timestamptz AT TIME ZONE $timezone::text),
          date_trunc('day', ($end::timestamptz - interval '1 millisecond') AT TIME ZONE $timezone::text)
        ),
        greatest(
          date_trunc('day', $start::timestamptz AT TIME ZONE $timezone::text),
          date_trunc('day', ($end::timestamptz - interval '1 millisecond') AT TIME ZONE $timezone::text)
        ),
        interval '1 day'
      ) AS day
    WHERE
      (day AT TIME ZONE $timezone::text AT TIME ZONE $timezone::text)::date = day::date
  ) AS days,
  coalesce(
    (
      SELECT
        json_agg(json_build_array(json_build_array(part, value), count))
      FROM
        (
          SELECT
            'counted' AS part,
            c.lead_ms AS value,
            count(*) AS count
          FROM
            deployment_metric m
            CROSS JOIN LATERAL unnest(m.commit_lead_ms) AS c (lead_ms)
          WHERE
            m.tenant = $tenant
            AND m.environment_name = $environment
            AND m.finished_at >= $start::timestamptz
            AND m.finished_at < $end::timestamptz
            AND true
          GROUP BY
            1,
            2
          LIMIT
            500001
        ) counted
    ),
    '[]'
  ) AS contributions

-- failedDeploymentRecoveryTime
SELECT
  (
    SELECT
      count(*)::integer
    FROM
      generate_series(
        least(
          date_trunc('day', $start::timestamptz AT TIME ZONE $timezone::text),
          date_trunc('day', ($end::timestamptz - interval '1 millisecond') AT TIME ZONE $timezone::text)
        ),
        greatest(
          date_trunc('day', $start::timestamptz AT TIME ZONE $timezone::text),
          date_trunc('day', ($end::timestamptz - interval '1 millisecond') AT TIME ZONE $timezone::text)
        ),
        interval '1 day'
      ) AS day
    WHERE
      (day AT TIME ZONE $timezone::text AT TIME ZONE $timezone::text)::date = day::date
  ) AS days,
  coalesce(
    (
      SELECT
        json_agg(json_build_array(json_build_array(part, value), count))
      FROM
        (
          SELECT
            CASE
              WHEN m.recovered_at IS NULL THEN 'open'
              ELSE 'recovered'
            END AS part,
            (
              extract(
                epoch
                FROM
                  m.recovered_at - CASE
                    WHEN m.failure_kind = 'incident' THEN m.incident_at
                    ELSE m.finished_at
                  END
              ) * 1000
            )::bigint AS value,
            count(*) AS count
          FROM
            deployment_metric m
          WHERE
            m.tenant = $tenant
            AND m.environment_name = $environment
            AND m.finished_at >= $start::timestamptz
            AND m.finished_at < $end::timestamptz
            AND m.failure_kind IS NOT NULL
          GROUP BY
            1,
            2
          LIMIT
            500001
        ) counted
    ),
    '[]'
  ) AS contributions

-- reworkRate
SELECT
  (
    SELECT
      count(*)::integer
    FROM
      generate_series(
        least(
          date_trunc('day', $start::timestamptz AT TIME ZONE $timezone::text),
          date_trunc('day', ($end::timestamptz - interval '1 millisecond') AT TIME ZONE $timezone::text)
        ),
        greatest(
          date_trunc('day', $start::timestamptz AT TIME ZONE $timezone::text),
          date_trunc('day', ($end::timestamptz - interval '1 millisecond') AT TIME ZONE $timezone::text)
        ),
        interval '1 day'
      ) AS day
    WHERE
      (day AT TIME ZONE $timezone::text AT TIME ZONE $timezone::text)::date = day::date
  ) AS days,
  coalesce(
    (
      SELECT
        json_agg(json_build_array(json_build_array(part, value), count))
      FROM
        (
          SELECT
            CASE
              WHEN m.unplanned THEN 'unplanned'
              ELSE 'counted'
            END AS part,
            NULL::bigint AS value,
            count(*) AS count
          FROM
            deployment_metric m
          WHERE
            m.tenant = $tenant
            AND m.environment_name = $environment
            AND m.finished_at >= $start::timestamptz
            AND m.finished_at < $end::timestamptz
            AND NOT m.cancelled
          GROUP BY
            1,
            2
          LIMIT
            500001
        ) counted
    ),
    '[]'
  ) AS contributions

-- deploymentDuration
SELECT
  (
    SELECT
      count(*)::integer
    FROM
      generate_series(
        least(
          date_trunc('day', $start::timestamptz AT TIME ZONE $timezone::text),
          date_trunc('day', ($end::timestamptz - interval '1 millisecond') AT TIME ZONE $timezone::text)
        ),
        greatest(
          date_trunc('day', $start::timestamptz AT TIME ZONE $timezone::text),
          date_trunc('day', ($end::timestamptz - interval '1 millisecond') AT TIME ZONE $timezone::text)
        ),
        interval '1 day'
      ) AS day
    WHERE
      (day AT TIME ZONE $timezone::text AT TIME ZONE $timezone::text)::date = day::date
  ) AS days,
  coalesce(
    (
      SELECT
        json_agg(json_build_array(json_build_array(part, value), count))
      FROM
        (
          SELECT
            'counted' AS part,
            m.duration_ms AS value,
            count(*) AS count
          FROM
            deployment_metric m
          WHERE
            m.tenant = $tenant
            AND m.environment_name = $environment
            AND m.finished_at >= $start::timestamptz
            AND m.finished_at < $end::timestamptz
            AND m.duration_ms IS NOT NULL
          GROUP BY
            1,
            2
          LIMIT
            500001
        ) counted
    ),
    '[]'
  ) AS contributions

-- promotionLeadTime
SELECT
  (
    SELECT
      count(*)::integer
    FROM
      generate_series(
        least(
          date_trunc('day', $start::timestamptz AT TIME ZONE $timezone::text),
          date_trunc('day', ($end::timestamptz - interval '1 millisecond') AT TIME ZONE $timezone::text)
        ),
        greatest(
          date_trunc('day', $start::timestamptz AT TIME ZONE $timezone::text),
          date_trunc('day', ($end::timestamptz - interval '1 millisecond') AT TIME ZONE $timezone::text)
        ),
        interval '1 day'
      ) AS day
    WHERE
      (day AT TIME ZONE $timezone::text AT TIME ZONE $timezone::text)::date = day::date
  ) AS days,
  coalesce(
    (
      SELECT
        json_agg(json_build_array(json_build_array(part, value), count))
      FROM
        (
          SELECT
            'counted' AS part,
            m.promotion_lead_ms AS value,
            count(*) AS count
          FROM
            deployment_metric m
          WHERE
            m.tenant = $tenant
            AND m.environment_name = $environment
            AND m.finished_at >= $start::timestamptz
            AND m.finished_at < $end::timestamptz
            AND m.promotion_lead_ms IS NOT NULL
          GROUP BY
            1,
            2
          LIMIT
            500001
        ) counted
    ),
    '[]'
  ) AS contributions
