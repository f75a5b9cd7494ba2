-- metrics of an application

WITH
  counted AS MATERIALIZED (
    SELECT
      *
    FROM
      (
        SELECT
          m.*
        FROM
          deployment_metric m
        WHERE
          m.tenant = $tenant
          AND m.environment_name = (
            SELECT
              coalesce(
                environment_name ($tenant, $environment::text),
                (
                  SELECT
                    name
                  FROM
                    environments ($tenant)
                  ORDER BY
                    rank DESC
                  LIMIT
                    1
                )
              )
          )
          AND m.application = $application
          AND m.finished_at >= $from::timestamptz
          AND m.finished_at < $to::timestamptz
      ) m
  ),
  bucket AS MATERIALIZED (
    SELECT
      start,
      until
    FROM
      (
        SELECT
          start,
          lead(start) OVER (
            ORDER BY
              start
          ) AS until
        FROM
          (
            SELECT DISTINCT
              CASE
                WHEN earlier < at
                AND earlier AT TIME ZONE $timezone::text = local THEN earlier
                ELSE at
              END AS start
            FROM
              generate_series(
                least(
                  date_trunc('day', $from::timestamptz AT TIME ZONE $timezone::text),
                  date_trunc('day', ($to::timestamptz - interval '1 millisecond') AT TIME ZONE $timezone::text)
                ),
                greatest(
                  date_trunc('day', $from::timestamptz AT TIME ZONE $timezone::text),
                  date_trunc('day', ($to::timestamptz - interval '1 millisecond') AT TIME ZONE $timezone::text)
                ) + interval '1 day',
                interval '1 day'
              ) AS local
              CROSS JOIN LATERAL (
                SELECT
                  local AT TIME ZONE $timezone::text AS at
              ) once
              CROSS JOIN LATERAL (
                SELECT
                  (local - (before AT TIME ZONE $timezone::text - before AT TIME ZONE 'UTC')) AT TIME ZONE 'UTC' AS earlier
                FROM
                  (
                    SELECT
                      at - interval '24 hours' AS before
                  ) day_before
              ) twice
          ) starts
      ) bounds
    WHERE
      until IS NOT NULL
  ),
  recovery AS (
    SELECT
      (
        extract(
          epoch
          FROM
            m.recovered_at - CASE
              WHEN m.failure_kind = 'incident' THEN m.incident_at
              ELSE m.finished_at
            END
        ) * 1000
      )::bigint AS ms
    FROM
      counted m
    WHERE
      m.failure_kind IS NOT NULL
  )
SELECT
  json_build_object(
    'environment',
    (
      SELECT
        coalesce(
          environment_name ($tenant, $environment::text),
          (
            SELECT
              name
            FROM
              environments ($tenant)
            ORDER BY
              rank DESC
            LIMIT
              1
          )
        )
    ),
    'deployments',
    count(*) FILTER (
      WHERE
        NOT cancelled
    ),
    'cancelled',
    count(*) FILTER (
      WHERE
        cancelled
    ),
    'successes',
    count(*) FILTER (
      WHERE
        succeeded
    ),
    'failed',
    count(*) FILTER (
      WHERE
        m.failure_kind = 'failed'
    ),
    'reported',
    count(*) FILTER (
      WHERE
        m.failure_kind = 'reported'
    ),
    'inferred',
    count(*) FILTER (
      WHERE
        m.failure_kind = 'inferred'
    ),
    'incidents',
    count(*) FILTER (
      WHERE
        m.failure_kind = 'incident'
    ),
    'unattributed',
    (
      SELECT
        count(*)
      FROM
        (
          SELECT
            i.*
          FROM
            incident i
          WHERE
            i.tenant = $tenant
            AND i.environment_name = (
              SELECT
                coalesce(
                  environment_name ($tenant, $environment::text),
                  (
                    SELECT
                      name
                    FROM
                      environments ($tenant)
                    ORDER BY
                      rank DESC
                    LIMIT
                      1
                  )
                )
            )
            AND i.application = $application
            AND i.started_at >= $from::timestamptz
            AND i.started_at < $to::timestamptz
            AND i.deployment_id IS NULL
            AND (
              i.named_deployment_id IS NULL
              OR NOT EXISTS (
                SELECT
                FROM
                  deployment_voided v
                WHERE
                  v.tenant = i.tenant
                  AND v.deployment_id = i.named_deployment_id
                  AND (
                    i.named_application IS NULL
                    OR v.application = i.named_application
                  )
                  AND (
                    i.named_environment IS NULL
                    OR v.environment_name = i.environment_name
                  )
              )
            )
        ) i
      WHERE
        i.deployment_id IS NULL
        AND i.environment_name IS NOT NULL
    ),
    'unplanned',
    count(*) FILTER (
      WHERE
        unplanned
    ),
    'recovered',
    (
      SELECT
        count(ms)
      FROM
        recovery
    ),
    'open',
    (
      SELECT
        count(*)
      FROM
        recovery
      WHERE
        ms IS NULL
    ),
    'days',
    (
      SELECT
        count(*)::integer
      FROM
        generate_series(
          least(
            date_trunc('day', $from::timestamptz AT TIME ZONE $timezone::text),
            date_trunc('day', ($to::timestamptz - interval '1 millisecond') AT TIME ZONE $timezone::text)
          ),
          greatest(
            date_trunc('day', $from::timestamptz AT TIME ZONE $timezone::text),
            date_trunc('day', ($to::timestamptz - interval '1 millisecond') AT TIME ZONE $timezone::text)
          ),
          interval '1 day'
        ) AS day
      WHERE
        (day AT TIME ZONE $timezone::text AT TIME ZONE $timezone::text)::date = day::date
    ),
    'buckets',
    (
      SELECT
        json_agg(
          json_build_object('start', instant (start), 'count', coalesce(count, 0))
          ORDER BY
            start
        )
      FROM
        (
          SELECT
            start,
            row_number() OVER (
              ORDER BY
                start
            ) AS n
          FROM
            bucket
        ) numbered
        LEFT JOIN (
          SELECT
            width_bucket(
              finished_at,
              (
                SELECT
                  array_agg(
                    start
                    ORDER BY
                      start
                  )
                FROM
                  bucket
              )
            ) AS n,
            count(*) AS count
          FROM
            counted
          WHERE
            succeeded
          GROUP BY
            1
        ) successes USING (n)
    ),
    'leadTime',
    (
      SELECT
        json_build_object(
          'median',
          percentile_cont(0.5) WITHIN GROUP (
            ORDER BY
              ms
          ),
          'p95',
          percentile_cont(0.95) WITHIN GROUP (
            ORDER BY
              ms
          ),
          'n',
          count(ms)
        )
      FROM
        counted,
        unnest(commit_lead_ms) AS ms
    ),
    'recovery',
    (
      SELECT
        json_build_object(
          'median',
          percentile_cont(0.5) WITHIN GROUP (
            ORDER BY
              ms
          ),
          'p95',
          percentile_cont(0.95) WITHIN GROUP (
            ORDER BY
              ms
          ),
          'n',
          count(ms)
        )
      FROM
        recovery
    ),
    'duration',
    json_build_object(
      'median',
      percentile_cont(0.5) WITHIN GROUP (
        ORDER BY
          duration_ms
      ),
      'p95',
      percentile_cont(0.95) WITHIN GROUP (
        ORDER BY
          duration_ms
      ),
      'n',
      count(duration_ms)
    ),
    'promotionLead',
    json_build_object(
      'median',
      percentile_cont(0.5) WITHIN GROUP (
        ORDER BY
          promotion_lead_ms
      ),
      'p95',
      percentile_cont(0.95) WITHIN GROUP (
        ORDER BY
          promotion_lead_ms
      ),
      'n',
      count(promotion_lead_ms)
    )
  ) AS "metricValues",
  coalesce(
    (
      SELECT
        string_agg(
          partition || ':' || seq,
          ','
          ORDER BY
            partition
        )
      FROM
        projection_position
      WHERE
        projection = 'deployments'
        AND seq > 0
    ),
    ''
  ) AS positions
FROM
  counted m
