-- metrics of several

-- several values and labels
WITH
  counted AS MATERIALIZED (
    SELECT
      *
    FROM
      (
        SELECT
          m.tenant,
          m.application,
          m.environment_name,
          m.finished_at,
          m.log_order,
          m.deployment_id,
          m.image_tag,
          m.succeeded,
          m.cancelled,
          m.failure_kind,
          m.unplanned,
          m.duration_ms,
          m.recovered_at,
          m.incident_at,
          m.incident_recovered_at,
          m.incident_open,
          CASE
            WHEN m.promotion_lead_ms IS NOT NULL
            AND NOT EXISTS (
              SELECT
              FROM
                unnest(
                  (
                    SELECT
                      array_agg(DISTINCT environment_name ($tenant, key) COLLATE "C")
                    FROM
                      unnest($environments::text[]) key
                  )
                ) AS requested (name)
                CROSS JOIN LATERAL (
                  SELECT
                    first.finished_at,
                    first.log_order
                  FROM
                    deployment_history first
                  WHERE
                    (first.tenant, first.image_tag, first.application, first.environment_name) >= (m.tenant, m.image_tag, m.application, requested.name)
                    AND (first.tenant, first.image_tag, first.application, first.environment_name) <= (m.tenant, m.image_tag, m.application, requested.name)
                    AND first.succeeded
                  ORDER BY
                    first.tenant,
                    first.image_tag,
                    first.application,
                    first.environment_name,
                    first.finished_at,
                    first.log_order
                  LIMIT
                    1
                ) first
              WHERE
                (first.finished_at, first.log_order) < (m.finished_at, m.log_order)
            ) THEN m.promotion_lead_ms
          END AS promotion_lead_ms,
          CASE
            WHEN m.commit_lead_ms = '{}' THEN m.commit_lead_ms
            ELSE ARRAY(
              SELECT
                (
                  extract(
                    epoch
                    FROM
                      m.finished_at - c.committed_at
                  ) * 1000
                )::bigint
              FROM
                deployment_commit c
              WHERE
                c.tenant = m.tenant
                AND c.deployment_id = m.deployment_id
                AND c.committed_at IS NOT NULL
                AND NOT EXISTS (
                  SELECT
                  FROM
                    unnest(
                      (
                        SELECT
                          array_agg(DISTINCT environment_name ($tenant, key) COLLATE "C")
                        FROM
                          unnest($environments::text[]) key
                      )
                    ) AS requested (name)
                    CROSS JOIN LATERAL (
                      SELECT
                        first.finished_at,
                        first.log_order
                      FROM
                        (
                          SELECT
                            c.tenant,
                            c.sha,
                            c.application,
                            requested.name AS environment_name
                        ) at
                        CROSS JOIN LATERAL (
                          SELECT
                            first.*
                          FROM
                            deployment_commit first
                          WHERE
                            (first.tenant, first.sha, first.application, first.environment_name, first.succeeded) >= (at.tenant, at.sha, at.application, at.environment_name, true)
                            AND (first.tenant, first.sha, first.application, first.environment_name, first.succeeded) <= (at.tenant, at.sha, at.application, at.environment_name, true)
                          ORDER BY
                            first.tenant,
                            first.sha,
                            first.application,
                            first.environment_name,
                            first.succeeded,
                            first.finished_at,
                            first.log_order
                          LIMIT
                            1
                        ) first
                    ) first
                  WHERE
                    (first.finished_at, first.log_order) < (m.finished_at, m.log_order)
                )
              ORDER BY
                c.sha
            )
          END AS commit_lead_ms
        FROM
          deployment_metric m
        WHERE
          m.tenant = $tenant
          AND m.environment_name = ANY (
            (
              SELECT
                array_agg(DISTINCT environment_name ($tenant, key) COLLATE "C")
              FROM
                unnest($environments::text[]) key
            )::text[]
          )
          AND m.application = ANY ($applications)
          AND m.finished_at >= $from::timestamptz
          AND m.finished_at < $to::timestamptz
      ) m
    WHERE
      EXISTS (
        SELECT
        FROM
          deployment_label l
        WHERE
          l.tenant = $tenant
          AND l.deployment_id = m.deployment_id
          AND l.label = $label0::uuid
      )
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
    'environments',
    (
      SELECT
        array_agg(DISTINCT environment_name ($tenant, key) COLLATE "C")
      FROM
        unnest($environments::text[]) key
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
    0,
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

-- of an application and a label
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
    WHERE
      EXISTS (
        SELECT
        FROM
          deployment_label l
        WHERE
          l.tenant = $tenant
          AND l.deployment_id = m.deployment_id
          AND l.label = $label0::uuid
      )
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
    0,
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
