-- contributions of a period

-- deployments, several values and labels
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
                AND m.finished_at >= $start::timestamptz
                AND m.finished_at < $end::timestamptz
            ) m
          WHERE
            NOT m.cancelled
            AND EXISTS (
              SELECT
              FROM
                deployment_label l
              WHERE
                l.tenant = $tenant
                AND l.deployment_id = m.deployment_id
                AND l.label = $label0::uuid
            )
          GROUP BY
            1,
            2
          LIMIT
            500001
        ) counted
    ),
    '[]'
  ) AS contributions

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
                AND m.finished_at >= $start::timestamptz
                AND m.finished_at < $end::timestamptz
            ) m
          WHERE
            NOT m.cancelled
          GROUP BY
            1,
            2
          LIMIT
            500001
        ) counted
    ),
    '[]'
  ) AS contributions

-- deploymentFrequency, several values and labels
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
                AND m.finished_at >= $start::timestamptz
                AND m.finished_at < $end::timestamptz
            ) m
          WHERE
            m.succeeded
            AND EXISTS (
              SELECT
              FROM
                deployment_label l
              WHERE
                l.tenant = $tenant
                AND l.deployment_id = m.deployment_id
                AND l.label = $label0::uuid
            )
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
                AND m.finished_at >= $start::timestamptz
                AND m.finished_at < $end::timestamptz
            ) m
          WHERE
            m.succeeded
          GROUP BY
            1,
            2
          LIMIT
            500001
        ) counted
    ),
    '[]'
  ) AS contributions

-- cancelled, several values and labels
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
                AND m.finished_at >= $start::timestamptz
                AND m.finished_at < $end::timestamptz
            ) m
          WHERE
            m.cancelled
            AND EXISTS (
              SELECT
              FROM
                deployment_label l
              WHERE
                l.tenant = $tenant
                AND l.deployment_id = m.deployment_id
                AND l.label = $label0::uuid
            )
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
                AND m.finished_at >= $start::timestamptz
                AND m.finished_at < $end::timestamptz
            ) m
          WHERE
            m.cancelled
          GROUP BY
            1,
            2
          LIMIT
            500001
        ) counted
    ),
    '[]'
  ) AS contributions

-- changeFailRate, several values and labels
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
                AND m.finished_at >= $start::timestamptz
                AND m.finished_at < $end::timestamptz
            ) m
          WHERE
            NOT m.cancelled
            AND EXISTS (
              SELECT
              FROM
                deployment_label l
              WHERE
                l.tenant = $tenant
                AND l.deployment_id = m.deployment_id
                AND l.label = $label0::uuid
            )
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
                AND m.finished_at >= $start::timestamptz
                AND m.finished_at < $end::timestamptz
            ) m
          WHERE
            NOT m.cancelled
          GROUP BY
            1,
            2
          LIMIT
            500001
        ) counted
    ),
    '[]'
  ) AS contributions

-- leadTimeForChange, several values and labels
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
                AND m.finished_at >= $start::timestamptz
                AND m.finished_at < $end::timestamptz
            ) m
            CROSS JOIN LATERAL unnest(m.commit_lead_ms) AS c (lead_ms)
          WHERE
            true
            AND EXISTS (
              SELECT
              FROM
                deployment_label l
              WHERE
                l.tenant = $tenant
                AND l.deployment_id = m.deployment_id
                AND l.label = $label0::uuid
            )
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
                AND m.finished_at >= $start::timestamptz
                AND m.finished_at < $end::timestamptz
            ) m
            CROSS JOIN LATERAL unnest(m.commit_lead_ms) AS c (lead_ms)
          WHERE
            true
          GROUP BY
            1,
            2
          LIMIT
            500001
        ) counted
    ),
    '[]'
  ) AS contributions

-- failedDeploymentRecoveryTime, several values and labels
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
                AND m.finished_at >= $start::timestamptz
                AND m.finished_at < $end::timestamptz
            ) m
          WHERE
            m.failure_kind IS NOT NULL
            AND EXISTS (
              SELECT
              FROM
                deployment_label l
              WHERE
                l.tenant = $tenant
                AND l.deployment_id = m.deployment_id
                AND l.label = $label0::uuid
            )
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
                AND m.finished_at >= $start::timestamptz
                AND m.finished_at < $end::timestamptz
            ) m
          WHERE
            m.failure_kind IS NOT NULL
          GROUP BY
            1,
            2
          LIMIT
            500001
        ) counted
    ),
    '[]'
  ) AS contributions

-- reworkRate, several values and labels
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
                AND m.finished_at >= $start::timestamptz
                AND m.finished_at < $end::timestamptz
            ) m
          WHERE
            NOT m.cancelled
            AND EXISTS (
              SELECT
              FROM
                deployment_label l
              WHERE
                l.tenant = $tenant
                AND l.deployment_id = m.deployment_id
                AND l.label = $label0::uuid
            )
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
                AND m.finished_at >= $start::timestamptz
                AND m.finished_at < $end::timestamptz
            ) m
          WHERE
            NOT m.cancelled
          GROUP BY
            1,
            2
          LIMIT
            500001
        ) counted
    ),
    '[]'
  ) AS contributions

-- deploymentDuration, several values and labels
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
                AND m.finished_at >= $start::timestamptz
                AND m.finished_at < $end::timestamptz
            ) m
          WHERE
            m.duration_ms IS NOT NULL
            AND EXISTS (
              SELECT
              FROM
                deployment_label l
              WHERE
                l.tenant = $tenant
                AND l.deployment_id = m.deployment_id
                AND l.label = $label0::uuid
            )
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
                AND m.finished_at >= $start::timestamptz
                AND m.finished_at < $end::timestamptz
            ) m
          WHERE
            m.duration_ms IS NOT NULL
          GROUP BY
            1,
            2
          LIMIT
            500001
        ) counted
    ),
    '[]'
  ) AS contributions

-- promotionLeadTime, several values and labels
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
                AND m.finished_at >= $start::timestamptz
                AND m.finished_at < $end::timestamptz
            ) m
          WHERE
            m.promotion_lead_ms IS NOT NULL
            AND EXISTS (
              SELECT
              FROM
                deployment_label l
              WHERE
                l.tenant = $tenant
                AND l.deployment_id = m.deployment_id
                AND l.label = $label0::uuid
            )
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
                AND m.finished_at >= $start::timestamptz
                AND m.finished_at < $end::timestamptz
            ) m
          WHERE
            m.promotion_lead_ms IS NOT NULL
          GROUP BY
            1,
            2
          LIMIT
            500001
        ) counted
    ),
    '[]'
  ) AS contributions
