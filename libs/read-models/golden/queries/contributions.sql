-- contributions

-- leadTimeForChange, several values and labels
WITH
  metric_row AS NOT MATERIALIZED (
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
          AND true
      ) m
  ),
  contribution AS (
    SELECT
      m.*,
      'counted' AS part,
      c.lead_ms AS value_ms,
      c.sha,
      c.committed_at
    FROM
      metric_row m
      CROSS JOIN LATERAL (
        SELECT
          c.sha,
          c.committed_at,
          (
            extract(
              epoch
              FROM
                m.finished_at - c.committed_at
            ) * 1000
          )::bigint AS lead_ms
        FROM
          deployment_commit c
        WHERE
          m.commit_lead_ms <> '{}'
          AND c.tenant = $tenant
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
      ) c
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
      AND m.finished_at >= $from::timestamptz
      AND m.finished_at < $to::timestamptz
  ),
  page AS MATERIALIZED (
    SELECT
      ranked.*,
      row_number() OVER (
        ORDER BY
          rank,
          finished_at DESC,
          log_order DESC,
          sha DESC
      ) AS n
    FROM
      (
        SELECT
          contribution.*,
          array_position('{failed,rolledBackReported,rolledBackInferred,incidents,recovered,open,unplanned,counted}', part) AS rank
        FROM
          contribution
      ) ranked
    ORDER BY
      rank,
      finished_at DESC,
      log_order DESC,
      sha DESC
    LIMIT
      $limit::int + 1
  ),
  reason AS MATERIALIZED (
    SELECT
      page.n,
      other.deployment_id,
      other.ordinality
    FROM
      page
      CROSS JOIN LATERAL (
        SELECT
          ARRAY(
            SELECT
              n.deployment_id
            FROM
              deployment_history n
            WHERE
              (n.tenant, n.rollback_of, n.application, n.environment_name) >= (page.tenant, page.deployment_id, page.application, page.environment_name)
              AND (n.tenant, n.rollback_of, n.application, n.environment_name) <= (page.tenant, page.deployment_id, page.application, page.environment_name)
              AND n.succeeded
              AND n.rollback_of IS NOT NULL
              AND n.deployment_id <> page.deployment_id
            ORDER BY
              n.tenant,
              n.rollback_of,
              n.application,
              n.environment_name,
              n.deployed_at,
              n.log_order
            OFFSET
              0
          ) AS named_by,
          (
            SELECT
              n.deployment_id
            FROM
              deployment_history n
            WHERE
              (n.tenant, n.inferred_rollback_of) >= (page.tenant, page.deployment_id)
              AND (n.tenant, n.inferred_rollback_of) <= (page.tenant, page.deployment_id)
              AND n.inferred_rollback_of IS NOT NULL
            ORDER BY
              n.tenant,
              n.inferred_rollback_of
            OFFSET
              0
            LIMIT
              1
          ) AS undone_by,
          (
            SELECT
              h.deployment_id
            FROM
              deployment_history h
            WHERE
              h.tenant = $tenant
              AND h.image_tag = page.image_tag
              AND h.application = page.application
              AND h.succeeded
              AND h.environment_name = (
                SELECT
                  name
                FROM
                  environments ($tenant)
                ORDER BY
                  rank
                LIMIT
                  1
              )
            ORDER BY
              h.finished_at,
              h.log_order
            LIMIT
              1
          ) AS origin_id
      ) others
      LEFT JOIN LATERAL (
        SELECT
          r.deployment_id
        FROM
          metric_row r
        WHERE
          false
          AND r.application = page.application
          AND r.environment_name = page.environment_name
          AND r.finished_at = page.recovered_at
          AND r.succeeded
          AND (r.finished_at, r.log_order) > (page.finished_at, page.log_order)
          AND (
            page.failure_kind <> 'incident'
            OR page.incident_open
          )
        ORDER BY
          r.log_order
        LIMIT
          1
      ) recovery ON true
      CROSS JOIN LATERAL unnest(page.deployment_id || coalesce('{}'::uuid[], '{}')) WITH ORDINALITY other (deployment_id)
    WHERE
      page.n <= $limit
  ),
  cause AS (
    SELECT
      reason.n,
      reason.ordinality,
      NULL::timestamptz AS started_at,
      NULL::bigint AS log_order,
      e.version,
      concat(
        '{"deploymentId":"',
        e.deployment_id,
        '","type":"',
        e.type,
        '","position":"',
        e.partition,
        ':',
        e.seq,
        '","eventId":"',
        e.event_id,
        '"}'
      ) AS event
    FROM
      reason
      JOIN deployment_event e ON e.tenant = $tenant
      AND e.deployment_id = reason.deployment_id
    WHERE
      e.type <> 'io.shiplog.deployment.removed.v1'
  ),
  because AS (
    -- The events of the deployment, of its incidents, and of the other deployments.
    SELECT
      n,
      string_agg(
        event,
        ','
        ORDER BY
          ordinality,
          started_at NULLS FIRST,
          log_order,
          version
      ) AS events
    FROM
      cause
    GROUP BY
      n
  )
SELECT
  '[' || coalesce(
    string_agg(
      concat(
        '{"deploymentId":"',
        page.deployment_id,
        '","application":',
        to_json(page.application),
        ',"environment":',
        to_json(page.environment_name),
        ',"imageTag":',
        to_json(page.image_tag),
        ',"finishedAt":"',
        instant (page.finished_at),
        '","part":"',
        page.part,
        '"',
        ',"seconds":' || trim_scale(page.value_ms / 1000.0),
        CASE
          WHEN page.sha <> '' THEN concat(',"commit":{"sha":', to_json(page.sha), ',"committedAt":"', instant (page.committed_at), '"}')
        END,
        ',"because":[',
        because.events,
        ']}'
      ),
      ','
      ORDER BY
        page.n
    ) FILTER (
      WHERE
        page.n <= $limit
    ),
    ''
  ) || ']' AS json,
  (
    SELECT
      json_build_array(instant (finished_at), log_order::text, rank, sha)
    FROM
      page
    WHERE
      n = $limit
      AND EXISTS (
        SELECT
        FROM
          page
        WHERE
          n = $limit + 1
      )
  ) AS last,
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
  page
  LEFT JOIN because USING (n)

-- promotionLeadTime, several values and labels
WITH
  metric_row AS NOT MATERIALIZED (
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
          AND true
      ) m
  ),
  contribution AS (
    SELECT
      m.*,
      'counted' AS part,
      m.promotion_lead_ms AS value_ms,
      ''::text AS sha,
      NULL::timestamptz AS committed_at
    FROM
      metric_row m
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
      AND m.finished_at >= $from::timestamptz
      AND m.finished_at < $to::timestamptz
  ),
  page AS MATERIALIZED (
    SELECT
      ranked.*,
      row_number() OVER (
        ORDER BY
          rank,
          finished_at DESC,
          log_order DESC,
          sha DESC
      ) AS n
    FROM
      (
        SELECT
          contribution.*,
          array_position('{failed,rolledBackReported,rolledBackInferred,incidents,recovered,open,unplanned,counted}', part) AS rank
        FROM
          contribution
      ) ranked
    ORDER BY
      rank,
      finished_at DESC,
      log_order DESC,
      sha DESC
    LIMIT
      $limit::int + 1
  ),
  reason AS MATERIALIZED (
    SELECT
      page.n,
      other.deployment_id,
      other.ordinality
    FROM
      page
      CROSS JOIN LATERAL (
        SELECT
          ARRAY(
            SELECT
              n.deployment_id
            FROM
              deployment_history n
            WHERE
              (n.tenant, n.rollback_of, n.application, n.environment_name) >= (page.tenant, page.deployment_id, page.application, page.environment_name)
              AND (n.tenant, n.rollback_of, n.application, n.environment_name) <= (page.tenant, page.deployment_id, page.application, page.environment_name)
              AND n.succeeded
              AND n.rollback_of IS NOT NULL
              AND n.deployment_id <> page.deployment_id
            ORDER BY
              n.tenant,
              n.rollback_of,
              n.application,
              n.environment_name,
              n.deployed_at,
              n.log_order
            OFFSET
              0
          ) AS named_by,
          (
            SELECT
              n.deployment_id
            FROM
              deployment_history n
            WHERE
              (n.tenant, n.inferred_rollback_of) >= (page.tenant, page.deployment_id)
              AND (n.tenant, n.inferred_rollback_of) <= (page.tenant, page.deployment_id)
              AND n.inferred_rollback_of IS NOT NULL
            ORDER BY
              n.tenant,
              n.inferred_rollback_of
            OFFSET
              0
            LIMIT
              1
          ) AS undone_by,
          (
            SELECT
              h.deployment_id
            FROM
              deployment_history h
            WHERE
              h.tenant = $tenant
              AND h.image_tag = page.image_tag
              AND h.application = page.application
              AND h.succeeded
              AND h.environment_name = (
                SELECT
                  name
                FROM
                  environments ($tenant)
                ORDER BY
                  rank
                LIMIT
                  1
              )
            ORDER BY
              h.finished_at,
              h.log_order
            LIMIT
              1
          ) AS origin_id
      ) others
      LEFT JOIN LATERAL (
        SELECT
          r.deployment_id
        FROM
          metric_row r
        WHERE
          false
          AND r.application = page.application
          AND r.environment_name = page.environment_name
          AND r.finished_at = page.recovered_at
          AND r.succeeded
          AND (r.finished_at, r.log_order) > (page.finished_at, page.log_order)
          AND (
            page.failure_kind <> 'incident'
            OR page.incident_open
          )
        ORDER BY
          r.log_order
        LIMIT
          1
      ) recovery ON true
      CROSS JOIN LATERAL unnest(page.deployment_id || coalesce(ARRAY[origin_id], '{}')) WITH ORDINALITY other (deployment_id)
    WHERE
      page.n <= $limit
  ),
  cause AS (
    SELECT
      reason.n,
      reason.ordinality,
      NULL::timestamptz AS started_at,
      NULL::bigint AS log_order,
      e.version,
      concat(
        '{"deploymentId":"',
        e.deployment_id,
        '","type":"',
        e.type,
        '","position":"',
        e.partition,
        ':',
        e.seq,
        '","eventId":"',
        e.event_id,
        '"}'
      ) AS event
    FROM
      reason
      JOIN deployment_event e ON e.tenant = $tenant
      AND e.deployment_id = reason.deployment_id
    WHERE
      e.type <> 'io.shiplog.deployment.removed.v1'
  ),
  because AS (
    -- The events of the deployment, of its incidents, and of the other deployments.
    SELECT
      n,
      string_agg(
        event,
        ','
        ORDER BY
          ordinality,
          started_at NULLS FIRST,
          log_order,
          version
      ) AS events
    FROM
      cause
    GROUP BY
      n
  )
SELECT
  '[' || coalesce(
    string_agg(
      concat(
        '{"deploymentId":"',
        page.deployment_id,
        '","application":',
        to_json(page.application),
        ',"environment":',
        to_json(page.environment_name),
        ',"imageTag":',
        to_json(page.image_tag),
        ',"finishedAt":"',
        instant (page.finished_at),
        '","part":"',
        page.part,
        '"',
        ',"seconds":' || trim_scale(page.value_ms / 1000.0),
        CASE
          WHEN page.sha <> '' THEN concat(',"commit":{"sha":', to_json(page.sha), ',"committedAt":"', instant (page.committed_at), '"}')
        END,
        ',"because":[',
        because.events,
        ']}'
      ),
      ','
      ORDER BY
        page.n
    ) FILTER (
      WHERE
        page.n <= $limit
    ),
    ''
  ) || ']' AS json,
  (
    SELECT
      json_build_array(instant (finished_at), log_order::text, rank, sha)
    FROM
      page
    WHERE
      n = $limit
      AND EXISTS (
        SELECT
        FROM
          page
        WHERE
          n = $limit + 1
      )
  ) AS last,
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
  page
  LEFT JOIN because USING (n)

-- deployments
WITH
  metric_row AS NOT MATERIALIZED (
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
          AND true
      ) m
  ),
  contribution AS (
    SELECT
      m.*,
      'counted' AS part,
      NULL::bigint AS value_ms,
      ''::text AS sha,
      NULL::timestamptz AS committed_at
    FROM
      metric_row m
    WHERE
      NOT m.cancelled
      AND m.finished_at >= $from::timestamptz
      AND m.finished_at < $to::timestamptz
  ),
  page AS MATERIALIZED (
    SELECT
      ranked.*,
      row_number() OVER (
        ORDER BY
          rank,
          finished_at DESC,
          log_order DESC,
          sha DESC
      ) AS n
    FROM
      (
        SELECT
          contribution.*,
          array_position('{failed,rolledBackReported,rolledBackInferred,incidents,recovered,open,unplanned,counted}', part) AS rank
        FROM
          contribution
      ) ranked
    ORDER BY
      rank,
      finished_at DESC,
      log_order DESC,
      sha DESC
    LIMIT
      $limit::int + 1
  ),
  reason AS MATERIALIZED (
    SELECT
      page.n,
      other.deployment_id,
      other.ordinality
    FROM
      page
      CROSS JOIN LATERAL (
        SELECT
          ARRAY(
            SELECT
              n.deployment_id
            FROM
              deployment_history n
            WHERE
              (n.tenant, n.rollback_of, n.application, n.environment_name) >= (page.tenant, page.deployment_id, page.application, page.environment_name)
              AND (n.tenant, n.rollback_of, n.application, n.environment_name) <= (page.tenant, page.deployment_id, page.application, page.environment_name)
              AND n.succeeded
              AND n.rollback_of IS NOT NULL
              AND n.deployment_id <> page.deployment_id
            ORDER BY
              n.tenant,
              n.rollback_of,
              n.application,
              n.environment_name,
              n.deployed_at,
              n.log_order
            OFFSET
              0
          ) AS named_by,
          (
            SELECT
              n.deployment_id
            FROM
              deployment_history n
            WHERE
              (n.tenant, n.inferred_rollback_of) >= (page.tenant, page.deployment_id)
              AND (n.tenant, n.inferred_rollback_of) <= (page.tenant, page.deployment_id)
              AND n.inferred_rollback_of IS NOT NULL
            ORDER BY
              n.tenant,
              n.inferred_rollback_of
            OFFSET
              0
            LIMIT
              1
          ) AS undone_by,
          (
            SELECT
              h.deployment_id
            FROM
              deployment_history h
            WHERE
              h.tenant = $tenant
              AND h.image_tag = page.image_tag
              AND h.application = page.application
              AND h.succeeded
              AND h.environment_name = (
                SELECT
                  name
                FROM
                  environments ($tenant)
                ORDER BY
                  rank
                LIMIT
                  1
              )
            ORDER BY
              h.finished_at,
              h.log_order
            LIMIT
              1
          ) AS origin_id
      ) others
      LEFT JOIN LATERAL (
        SELECT
          r.deployment_id
        FROM
          metric_row r
        WHERE
          false
          AND r.application = page.application
          AND r.environment_name = page.environment_name
          AND r.finished_at = page.recovered_at
          AND r.succeeded
          AND (r.finished_at, r.log_order) > (page.finished_at, page.log_order)
          AND (
            page.failure_kind <> 'incident'
            OR page.incident_open
          )
        ORDER BY
          r.log_order
        LIMIT
          1
      ) recovery ON true
      CROSS JOIN LATERAL unnest(page.deployment_id || coalesce('{}'::uuid[], '{}')) WITH ORDINALITY other (deployment_id)
    WHERE
      page.n <= $limit
  ),
  cause AS (
    SELECT
      reason.n,
      reason.ordinality,
      NULL::timestamptz AS started_at,
      NULL::bigint AS log_order,
      e.version,
      concat(
        '{"deploymentId":"',
        e.deployment_id,
        '","type":"',
        e.type,
        '","position":"',
        e.partition,
        ':',
        e.seq,
        '","eventId":"',
        e.event_id,
        '"}'
      ) AS event
    FROM
      reason
      JOIN deployment_event e ON e.tenant = $tenant
      AND e.deployment_id = reason.deployment_id
    WHERE
      e.type <> 'io.shiplog.deployment.removed.v1'
  ),
  because AS (
    -- The events of the deployment, of its incidents, and of the other deployments.
    SELECT
      n,
      string_agg(
        event,
        ','
        ORDER BY
          ordinality,
          started_at NULLS FIRST,
          log_order,
          version
      ) AS events
    FROM
      cause
    GROUP BY
      n
  )
SELECT
  '[' || coalesce(
    string_agg(
      concat(
        '{"deploymentId":"',
        page.deployment_id,
        '","application":',
        to_json(page.application),
        ',"environment":',
        to_json(page.environment_name),
        ',"imageTag":',
        to_json(page.image_tag),
        ',"finishedAt":"',
        instant (page.finished_at),
        '","part":"',
        page.part,
        '"',
        ',"seconds":' || trim_scale(page.value_ms / 1000.0),
        CASE
          WHEN page.sha <> '' THEN concat(',"commit":{"sha":', to_json(page.sha), ',"committedAt":"', instant (page.committed_at), '"}')
        END,
        ',"because":[',
        because.events,
        ']}'
      ),
      ','
      ORDER BY
        page.n
    ) FILTER (
      WHERE
        page.n <= $limit
    ),
    ''
  ) || ']' AS json,
  (
    SELECT
      json_build_array(instant (finished_at), log_order::text, rank, sha)
    FROM
      page
    WHERE
      n = $limit
      AND EXISTS (
        SELECT
        FROM
          page
        WHERE
          n = $limit + 1
      )
  ) AS last,
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
  page
  LEFT JOIN because USING (n)

-- deploymentFrequency
WITH
  metric_row AS NOT MATERIALIZED (
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
          AND true
      ) m
  ),
  contribution AS (
    SELECT
      m.*,
      'counted' AS part,
      NULL::bigint AS value_ms,
      ''::text AS sha,
      NULL::timestamptz AS committed_at
    FROM
      metric_row m
    WHERE
      m.succeeded
      AND m.finished_at >= $from::timestamptz
      AND m.finished_at < $to::timestamptz
  ),
  page AS MATERIALIZED (
    SELECT
      ranked.*,
      row_number() OVER (
        ORDER BY
          rank,
          finished_at DESC,
          log_order DESC,
          sha DESC
      ) AS n
    FROM
      (
        SELECT
          contribution.*,
          array_position('{failed,rolledBackReported,rolledBackInferred,incidents,recovered,open,unplanned,counted}', part) AS rank
        FROM
          contribution
      ) ranked
    ORDER BY
      rank,
      finished_at DESC,
      log_order DESC,
      sha DESC
    LIMIT
      $limit::int + 1
  ),
  reason AS MATERIALIZED (
    SELECT
      page.n,
      other.deployment_id,
      other.ordinality
    FROM
      page
      CROSS JOIN LATERAL (
        SELECT
          ARRAY(
            SELECT
              n.deployment_id
            FROM
              deployment_history n
            WHERE
              (n.tenant, n.rollback_of, n.application, n.environment_name) >= (page.tenant, page.deployment_id, page.application, page.environment_name)
              AND (n.tenant, n.rollback_of, n.application, n.environment_name) <= (page.tenant, page.deployment_id, page.application, page.environment_name)
              AND n.succeeded
              AND n.rollback_of IS NOT NULL
              AND n.deployment_id <> page.deployment_id
            ORDER BY
              n.tenant,
              n.rollback_of,
              n.application,
              n.environment_name,
              n.deployed_at,
              n.log_order
            OFFSET
              0
          ) AS named_by,
          (
            SELECT
              n.deployment_id
            FROM
              deployment_history n
            WHERE
              (n.tenant, n.inferred_rollback_of) >= (page.tenant, page.deployment_id)
              AND (n.tenant, n.inferred_rollback_of) <= (page.tenant, page.deployment_id)
              AND n.inferred_rollback_of IS NOT NULL
            ORDER BY
              n.tenant,
              n.inferred_rollback_of
            OFFSET
              0
            LIMIT
              1
          ) AS undone_by,
          (
            SELECT
              h.deployment_id
            FROM
              deployment_history h
            WHERE
              h.tenant = $tenant
              AND h.image_tag = page.image_tag
              AND h.application = page.application
              AND h.succeeded
              AND h.environment_name = (
                SELECT
                  name
                FROM
                  environments ($tenant)
                ORDER BY
                  rank
                LIMIT
                  1
              )
            ORDER BY
              h.finished_at,
              h.log_order
            LIMIT
              1
          ) AS origin_id
      ) others
      LEFT JOIN LATERAL (
        SELECT
          r.deployment_id
        FROM
          metric_row r
        WHERE
          false
          AND r.application = page.application
          AND r.environment_name = page.environment_name
          AND r.finished_at = page.recovered_at
          AND r.succeeded
          AND (r.finished_at, r.log_order) > (page.finished_at, page.log_order)
          AND (
            page.failure_kind <> 'incident'
            OR page.incident_open
          )
        ORDER BY
          r.log_order
        LIMIT
          1
      ) recovery ON true
      CROSS JOIN LATERAL unnest(page.deployment_id || coalesce('{}'::uuid[], '{}')) WITH ORDINALITY other (deployment_id)
    WHERE
      page.n <= $limit
  ),
  cause AS (
    SELECT
      reason.n,
      reason.ordinality,
      NULL::timestamptz AS started_at,
      NULL::bigint AS log_order,
      e.version,
      concat(
        '{"deploymentId":"',
        e.deployment_id,
        '","type":"',
        e.type,
        '","position":"',
        e.partition,
        ':',
        e.seq,
        '","eventId":"',
        e.event_id,
        '"}'
      ) AS event
    FROM
      reason
      JOIN deployment_event e ON e.tenant = $tenant
      AND e.deployment_id = reason.deployment_id
    WHERE
      e.type <> 'io.shiplog.deployment.removed.v1'
  ),
  because AS (
    -- The events of the deployment, of its incidents, and of the other deployments.
    SELECT
      n,
      string_agg(
        event,
        ','
        ORDER BY
          ordinality,
          started_at NULLS FIRST,
          log_order,
          version
      ) AS events
    FROM
      cause
    GROUP BY
      n
  )
SELECT
  '[' || coalesce(
    string_agg(
      concat(
        '{"deploymentId":"',
        page.deployment_id,
        '","application":',
        to_json(page.application),
        ',"environment":',
        to_json(page.environment_name),
        ',"imageTag":',
        to_json(page.image_tag),
        ',"finishedAt":"',
        instant (page.finished_at),
        '","part":"',
        page.part,
        '"',
        ',"seconds":' || trim_scale(page.value_ms / 1000.0),
        CASE
          WHEN page.sha <> '' THEN concat(',"commit":{"sha":', to_json(page.sha), ',"committedAt":"', instant (page.committed_at), '"}')
        END,
        ',"because":[',
        because.events,
        ']}'
      ),
      ','
      ORDER BY
        page.n
    ) FILTER (
      WHERE
        page.n <= $limit
    ),
    ''
  ) || ']' AS json,
  (
    SELECT
      json_build_array(instant (finished_at), log_order::text, rank, sha)
    FROM
      page
    WHERE
      n = $limit
      AND EXISTS (
        SELECT
        FROM
          page
        WHERE
          n = $limit + 1
      )
  ) AS last,
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
  page
  LEFT JOIN because USING (n)

-- cancelled
WITH
  metric_row AS NOT MATERIALIZED (
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
          AND true
      ) m
  ),
  contribution AS (
    SELECT
      m.*,
      'counted' AS part,
      NULL::bigint AS value_ms,
      ''::text AS sha,
      NULL::timestamptz AS committed_at
    FROM
      metric_row m
    WHERE
      m.cancelled
      AND m.finished_at >= $from::timestamptz
      AND m.finished_at < $to::timestamptz
  ),
  page AS MATERIALIZED (
    SELECT
      ranked.*,
      row_number() OVER (
        ORDER BY
          rank,
          finished_at DESC,
          log_order DESC,
          sha DESC
      ) AS n
    FROM
      (
        SELECT
          contribution.*,
          array_position('{failed,rolledBackReported,rolledBackInferred,incidents,recovered,open,unplanned,counted}', part) AS rank
        FROM
          contribution
      ) ranked
    ORDER BY
      rank,
      finished_at DESC,
      log_order DESC,
      sha DESC
    LIMIT
      $limit::int + 1
  ),
  reason AS MATERIALIZED (
    SELECT
      page.n,
      other.deployment_id,
      other.ordinality
    FROM
      page
      CROSS JOIN LATERAL (
        SELECT
          ARRAY(
            SELECT
              n.deployment_id
            FROM
              deployment_history n
            WHERE
              (n.tenant, n.rollback_of, n.application, n.environment_name) >= (page.tenant, page.deployment_id, page.application, page.environment_name)
              AND (n.tenant, n.rollback_of, n.application, n.environment_name) <= (page.tenant, page.deployment_id, page.application, page.environment_name)
              AND n.succeeded
              AND n.rollback_of IS NOT NULL
              AND n.deployment_id <> page.deployment_id
            ORDER BY
              n.tenant,
              n.rollback_of,
              n.application,
              n.environment_name,
              n.deployed_at,
              n.log_order
            OFFSET
              0
          ) AS named_by,
          (
            SELECT
              n.deployment_id
            FROM
              deployment_history n
            WHERE
              (n.tenant, n.inferred_rollback_of) >= (page.tenant, page.deployment_id)
              AND (n.tenant, n.inferred_rollback_of) <= (page.tenant, page.deployment_id)
              AND n.inferred_rollback_of IS NOT NULL
            ORDER BY
              n.tenant,
              n.inferred_rollback_of
            OFFSET
              0
            LIMIT
              1
          ) AS undone_by,
          (
            SELECT
              h.deployment_id
            FROM
              deployment_history h
            WHERE
              h.tenant = $tenant
              AND h.image_tag = page.image_tag
              AND h.application = page.application
              AND h.succeeded
              AND h.environment_name = (
                SELECT
                  name
                FROM
                  environments ($tenant)
                ORDER BY
                  rank
                LIMIT
                  1
              )
            ORDER BY
              h.finished_at,
              h.log_order
            LIMIT
              1
          ) AS origin_id
      ) others
      LEFT JOIN LATERAL (
        SELECT
          r.deployment_id
        FROM
          metric_row r
        WHERE
          false
          AND r.application = page.application
          AND r.environment_name = page.environment_name
          AND r.finished_at = page.recovered_at
          AND r.succeeded
          AND (r.finished_at, r.log_order) > (page.finished_at, page.log_order)
          AND (
            page.failure_kind <> 'incident'
            OR page.incident_open
          )
        ORDER BY
          r.log_order
        LIMIT
          1
      ) recovery ON true
      CROSS JOIN LATERAL unnest(page.deployment_id || coalesce('{}'::uuid[], '{}')) WITH ORDINALITY other (deployment_id)
    WHERE
      page.n <= $limit
  ),
  cause AS (
    SELECT
      reason.n,
      reason.ordinality,
      NULL::timestamptz AS started_at,
      NULL::bigint AS log_order,
      e.version,
      concat(
        '{"deploymentId":"',
        e.deployment_id,
        '","type":"',
        e.type,
        '","position":"',
        e.partition,
        ':',
        e.seq,
        '","eventId":"',
        e.event_id,
        '"}'
      ) AS event
    FROM
      reason
      JOIN deployment_event e ON e.tenant = $tenant
      AND e.deployment_id = reason.deployment_id
    WHERE
      e.type <> 'io.shiplog.deployment.removed.v1'
  ),
  because AS (
    -- The events of the deployment, of its incidents, and of the other deployments.
    SELECT
      n,
      string_agg(
        event,
        ','
        ORDER BY
          ordinality,
          started_at NULLS FIRST,
          log_order,
          version
      ) AS events
    FROM
      cause
    GROUP BY
      n
  )
SELECT
  '[' || coalesce(
    string_agg(
      concat(
        '{"deploymentId":"',
        page.deployment_id,
        '","application":',
        to_json(page.application),
        ',"environment":',
        to_json(page.environment_name),
        ',"imageTag":',
        to_json(page.image_tag),
        ',"finishedAt":"',
        instant (page.finished_at),
        '","part":"',
        page.part,
        '"',
        ',"seconds":' || trim_scale(page.value_ms / 1000.0),
        CASE
          WHEN page.sha <> '' THEN concat(',"commit":{"sha":', to_json(page.sha), ',"committedAt":"', instant (page.committed_at), '"}')
        END,
        ',"because":[',
        because.events,
        ']}'
      ),
      ','
      ORDER BY
        page.n
    ) FILTER (
      WHERE
        page.n <= $limit
    ),
    ''
  ) || ']' AS json,
  (
    SELECT
      json_build_array(instant (finished_at), log_order::text, rank, sha)
    FROM
      page
    WHERE
      n = $limit
      AND EXISTS (
        SELECT
        FROM
          page
        WHERE
          n = $limit + 1
      )
  ) AS last,
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
  page
  LEFT JOIN because USING (n)

-- changeFailRate
WITH
  metric_row AS NOT MATERIALIZED (
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
          AND true
      ) m
  ),
  contribution AS (
    SELECT
      m.*,
      CASE m.failure_kind
        WHEN 'failed' THEN 'failed'
        WHEN 'reported' THEN 'rolledBackReported'
        WHEN 'inferred' THEN 'rolledBackInferred'
        WHEN 'incident' THEN 'incidents'
        ELSE 'counted'
      END AS part,
      NULL::bigint AS value_ms,
      ''::text AS sha,
      NULL::timestamptz AS committed_at
    FROM
      metric_row m
    WHERE
      NOT m.cancelled
      AND m.finished_at >= $from::timestamptz
      AND m.finished_at < $to::timestamptz
  ),
  page AS MATERIALIZED (
    SELECT
      ranked.*,
      row_number() OVER (
        ORDER BY
          rank,
          finished_at DESC,
          log_order DESC,
          sha DESC
      ) AS n
    FROM
      (
        SELECT
          contribution.*,
          array_position('{failed,rolledBackReported,rolledBackInferred,incidents,recovered,open,unplanned,counted}', part) AS rank
        FROM
          contribution
      ) ranked
    ORDER BY
      rank,
      finished_at DESC,
      log_order DESC,
      sha DESC
    LIMIT
      $limit::int + 1
  ),
  reason AS MATERIALIZED (
    SELECT
      page.n,
      other.deployment_id,
      other.ordinality
    FROM
      page
      CROSS JOIN LATERAL (
        SELECT
          ARRAY(
            SELECT
              n.deployment_id
            FROM
              deployment_history n
            WHERE
              (n.tenant, n.rollback_of, n.application, n.environment_name) >= (page.tenant, page.deployment_id, page.application, page.environment_name)
              AND (n.tenant, n.rollback_of, n.application, n.environment_name) <= (page.tenant, page.deployment_id, page.application, page.environment_name)
              AND n.succeeded
              AND n.rollback_of IS NOT NULL
              AND n.deployment_id <> page.deployment_id
            ORDER BY
              n.tenant,
              n.rollback_of,
              n.application,
              n.environment_name,
              n.deployed_at,
              n.log_order
            OFFSET
              0
          ) AS named_by,
          (
            SELECT
              n.deployment_id
            FROM
              deployment_history n
            WHERE
              (n.tenant, n.inferred_rollback_of) >= (page.tenant, page.deployment_id)
              AND (n.tenant, n.inferred_rollback_of) <= (page.tenant, page.deployment_id)
              AND n.inferred_rollback_of IS NOT NULL
            ORDER BY
              n.tenant,
              n.inferred_rollback_of
            OFFSET
              0
            LIMIT
              1
          ) AS undone_by,
          (
            SELECT
              h.deployment_id
            FROM
              deployment_history h
            WHERE
              h.tenant = $tenant
              AND h.image_tag = page.image_tag
              AND h.application = page.application
              AND h.succeeded
              AND h.environment_name = (
                SELECT
                  name
                FROM
                  environments ($tenant)
                ORDER BY
                  rank
                LIMIT
                  1
              )
            ORDER BY
              h.finished_at,
              h.log_order
            LIMIT
              1
          ) AS origin_id
      ) others
      LEFT JOIN LATERAL (
        SELECT
          r.deployment_id
        FROM
          metric_row r
        WHERE
          false
          AND r.application = page.application
          AND r.environment_name = page.environment_name
          AND r.finished_at = page.recovered_at
          AND r.succeeded
          AND (r.finished_at, r.log_order) > (page.finished_at, page.log_order)
          AND (
            page.failure_kind <> 'incident'
            OR page.incident_open
          )
        ORDER BY
          r.log_order
        LIMIT
          1
      ) recovery ON true
      CROSS JOIN LATERAL unnest(
        page.deployment_id || coalesce(
          CASE page.failure_kind
            WHEN 'reported' THEN named_by
            WHEN 'inferred' THEN ARRAY[undone_by]
          END,
          '{}'
        )
      ) WITH ORDINALITY other (deployment_id)
    WHERE
      page.n <= $limit
  ),
  cause AS (
    SELECT
      reason.n,
      reason.ordinality,
      NULL::timestamptz AS started_at,
      NULL::bigint AS log_order,
      e.version,
      concat(
        '{"deploymentId":"',
        e.deployment_id,
        '","type":"',
        e.type,
        '","position":"',
        e.partition,
        ':',
        e.seq,
        '","eventId":"',
        e.event_id,
        '"}'
      ) AS event
    FROM
      reason
      JOIN deployment_event e ON e.tenant = $tenant
      AND e.deployment_id = reason.deployment_id
    WHERE
      e.type <> 'io.shiplog.deployment.removed.v1'
    UNION ALL
    SELECT
      page.n,
      1,
      i.started_at,
      i.log_order,
      e.version,
      concat(
        '{"deploymentId":"',
        page.deployment_id,
        '","incidentId":',
        to_json(e.incident_id),
        ',"type":"',
        e.type,
        '","position":"',
        e.partition,
        ':',
        e.seq,
        '","eventId":"',
        e.event_id,
        '"}'
      )
    FROM
      page
      CROSS JOIN LATERAL (
        SELECT
          h.*
        FROM
          deployment_history h
        WHERE
          h.tenant = $tenant
          AND h.deployment_id = page.deployment_id
      ) h
      CROSS JOIN LATERAL (
        SELECT
          i.tenant,
          i.incident_id,
          i.started_at,
          i.title,
          i.url,
          i.recorded_at,
          i.partition,
          i.log_order,
          i.resolved_at,
          i.last_seq,
          i.version
        FROM
          incident i
        WHERE
          (i.deployment_id, i.tenant) >= (h.deployment_id, h.tenant)
          AND (i.deployment_id, i.tenant, i.started_at) <= (h.deployment_id, h.tenant, 'infinity')
          AND i.deployment_id IS NOT NULL
        ORDER BY
          i.deployment_id DESC,
          i.tenant DESC,
          i.started_at DESC,
          i.log_order DESC
        LIMIT
          20
      ) i
      JOIN incident_event e ON e.tenant = i.tenant
      AND e.incident_id = i.incident_id
    WHERE
      page.n <= $limit
      AND page.failure_kind = 'incident'
      AND e.version <= i.version
      AND (
        e.version = 1
        OR i.resolved_at IS NOT NULL
      )
  ),
  because AS (
    -- The events of the deployment, of its incidents, and of the other deployments.
    SELECT
      n,
      string_agg(
        event,
        ','
        ORDER BY
          ordinality,
          started_at NULLS FIRST,
          log_order,
          version
      ) AS events
    FROM
      cause
    GROUP BY
      n
  )
SELECT
  '[' || coalesce(
    string_agg(
      concat(
        '{"deploymentId":"',
        page.deployment_id,
        '","application":',
        to_json(page.application),
        ',"environment":',
        to_json(page.environment_name),
        ',"imageTag":',
        to_json(page.image_tag),
        ',"finishedAt":"',
        instant (page.finished_at),
        '","part":"',
        page.part,
        '"',
        ',"seconds":' || trim_scale(page.value_ms / 1000.0),
        CASE
          WHEN page.sha <> '' THEN concat(',"commit":{"sha":', to_json(page.sha), ',"committedAt":"', instant (page.committed_at), '"}')
        END,
        ',"because":[',
        because.events,
        ']}'
      ),
      ','
      ORDER BY
        page.n
    ) FILTER (
      WHERE
        page.n <= $limit
    ),
    ''
  ) || ']' AS json,
  (
    SELECT
      json_build_array(instant (finished_at), log_order::text, rank, sha)
    FROM
      page
    WHERE
      n = $limit
      AND EXISTS (
        SELECT
        FROM
          page
        WHERE
          n = $limit + 1
      )
  ) AS last,
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
  page
  LEFT JOIN because USING (n)

-- leadTimeForChange
WITH
  metric_row AS NOT MATERIALIZED (
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
          AND true
      ) m
  ),
  contribution AS (
    SELECT
      m.*,
      'counted' AS part,
      c.lead_ms AS value_ms,
      c.sha,
      c.committed_at
    FROM
      metric_row m
      CROSS JOIN LATERAL (
        SELECT
          c.sha,
          c.committed_at,
          (
            extract(
              epoch
              FROM
                m.finished_at - c.committed_at
            ) * 1000
          )::bigint AS lead_ms
        FROM
          deployment_commit c
        WHERE
          m.commit_lead_ms <> '{}'
          AND c.tenant = $tenant
          AND c.deployment_id = m.deployment_id
          AND c.committed_at IS NOT NULL
          AND NOT EXISTS (
            SELECT
            FROM
              unnest(
                ARRAY[
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
                  )
                ]
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
      ) c
    WHERE
      true
      AND m.finished_at >= $from::timestamptz
      AND m.finished_at < $to::timestamptz
  ),
  page AS MATERIALIZED (
    SELECT
      ranked.*,
      row_number() OVER (
        ORDER BY
          rank,
          finished_at DESC,
          log_order DESC,
          sha DESC
      ) AS n
    FROM
      (
        SELECT
          contribution.*,
          array_position('{failed,rolledBackReported,rolledBackInferred,incidents,recovered,open,unplanned,counted}', part) AS rank
        FROM
          contribution
      ) ranked
    ORDER BY
      rank,
      finished_at DESC,
      log_order DESC,
      sha DESC
    LIMIT
      $limit::int + 1
  ),
  reason AS MATERIALIZED (
    SELECT
      page.n,
      other.deployment_id,
      other.ordinality
    FROM
      page
      CROSS JOIN LATERAL (
        SELECT
          ARRAY(
            SELECT
              n.deployment_id
            FROM
              deployment_history n
            WHERE
              (n.tenant, n.rollback_of, n.application, n.environment_name) >= (page.tenant, page.deployment_id, page.application, page.environment_name)
              AND (n.tenant, n.rollback_of, n.application, n.environment_name) <= (page.tenant, page.deployment_id, page.application, page.environment_name)
              AND n.succeeded
              AND n.rollback_of IS NOT NULL
              AND n.deployment_id <> page.deployment_id
            ORDER BY
              n.tenant,
              n.rollback_of,
              n.application,
              n.environment_name,
              n.deployed_at,
              n.log_order
            OFFSET
              0
          ) AS named_by,
          (
            SELECT
              n.deployment_id
            FROM
              deployment_history n
            WHERE
              (n.tenant, n.inferred_rollback_of) >= (page.tenant, page.deployment_id)
              AND (n.tenant, n.inferred_rollback_of) <= (page.tenant, page.deployment_id)
              AND n.inferred_rollback_of IS NOT NULL
            ORDER BY
              n.tenant,
              n.inferred_rollback_of
            OFFSET
              0
            LIMIT
              1
          ) AS undone_by,
          (
            SELECT
              h.deployment_id
            FROM
              deployment_history h
            WHERE
              h.tenant = $tenant
              AND h.image_tag = page.image_tag
              AND h.application = page.application
              AND h.succeeded
              AND h.environment_name = (
                SELECT
                  name
                FROM
                  environments ($tenant)
                ORDER BY
                  rank
                LIMIT
                  1
              )
            ORDER BY
              h.finished_at,
              h.log_order
            LIMIT
              1
          ) AS origin_id
      ) others
      LEFT JOIN LATERAL (
        SELECT
          r.deployment_id
        FROM
          metric_row r
        WHERE
          false
          AND r.application = page.application
          AND r.environment_name = page.environment_name
          AND r.finished_at = page.recovered_at
          AND r.succeeded
          AND (r.finished_at, r.log_order) > (page.finished_at, page.log_order)
          AND (
            page.failure_kind <> 'incident'
            OR page.incident_open
          )
        ORDER BY
          r.log_order
        LIMIT
          1
      ) recovery ON true
      CROSS JOIN LATERAL unnest(page.deployment_id || coalesce('{}'::uuid[], '{}')) WITH ORDINALITY other (deployment_id)
    WHERE
      page.n <= $limit
  ),
  cause AS (
    SELECT
      reason.n,
      reason.ordinality,
      NULL::timestamptz AS started_at,
      NULL::bigint AS log_order,
      e.version,
      concat(
        '{"deploymentId":"',
        e.deployment_id,
        '","type":"',
        e.type,
        '","position":"',
        e.partition,
        ':',
        e.seq,
        '","eventId":"',
        e.event_id,
        '"}'
      ) AS event
    FROM
      reason
      JOIN deployment_event e ON e.tenant = $tenant
      AND e.deployment_id = reason.deployment_id
    WHERE
      e.type <> 'io.shiplog.deployment.removed.v1'
  ),
  because AS (
    -- The events of the deployment, of its incidents, and of the other deployments.
    SELECT
      n,
      string_agg(
        event,
        ','
        ORDER BY
          ordinality,
          started_at NULLS FIRST,
          log_order,
          version
      ) AS events
    FROM
      cause
    GROUP BY
      n
  )
SELECT
  '[' || coalesce(
    string_agg(
      concat(
        '{"deploymentId":"',
        page.deployment_id,
        '","application":',
        to_json(page.application),
        ',"environment":',
        to_json(page.environment_name),
        ',"imageTag":',
        to_json(page.image_tag),
        ',"finishedAt":"',
        instant (page.finished_at),
        '","part":"',
        page.part,
        '"',
        ',"seconds":' || trim_scale(page.value_ms / 1000.0),
        CASE
          WHEN page.sha <> '' THEN concat(',"commit":{"sha":', to_json(page.sha), ',"committedAt":"', instant (page.committed_at), '"}')
        END,
        ',"because":[',
        because.events,
        ']}'
      ),
      ','
      ORDER BY
        page.n
    ) FILTER (
      WHERE
        page.n <= $limit
    ),
    ''
  ) || ']' AS json,
  (
    SELECT
      json_build_array(instant (finished_at), log_order::text, rank, sha)
    FROM
      page
    WHERE
      n = $limit
      AND EXISTS (
        SELECT
        FROM
          page
        WHERE
          n = $limit + 1
      )
  ) AS last,
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
  page
  LEFT JOIN because USING (n)

-- failedDeploymentRecoveryTime
WITH
  metric_row AS NOT MATERIALIZED (
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
          AND true
      ) m
  ),
  contribution AS (
    SELECT
      m.*,
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
      )::bigint AS value_ms,
      ''::text AS sha,
      NULL::timestamptz AS committed_at
    FROM
      metric_row m
    WHERE
      m.failure_kind IS NOT NULL
      AND m.finished_at >= $from::timestamptz
      AND m.finished_at < $to::timestamptz
  ),
  page AS MATERIALIZED (
    SELECT
      ranked.*,
      row_number() OVER (
        ORDER BY
          rank,
          finished_at DESC,
          log_order DESC,
          sha DESC
      ) AS n
    FROM
      (
        SELECT
          contribution.*,
          array_position('{failed,rolledBackReported,rolledBackInferred,incidents,recovered,open,unplanned,counted}', part) AS rank
        FROM
          contribution
      ) ranked
    ORDER BY
      rank,
      finished_at DESC,
      log_order DESC,
      sha DESC
    LIMIT
      $limit::int + 1
  ),
  reason AS MATERIALIZED (
    SELECT
      page.n,
      other.deployment_id,
      other.ordinality
    FROM
      page
      CROSS JOIN LATERAL (
        SELECT
          ARRAY(
            SELECT
              n.deployment_id
            FROM
              deployment_history n
            WHERE
              (n.tenant, n.rollback_of, n.application, n.environment_name) >= (page.tenant, page.deployment_id, page.application, page.environment_name)
              AND (n.tenant, n.rollback_of, n.application, n.environment_name) <= (page.tenant, page.deployment_id, page.application, page.environment_name)
              AND n.succeeded
              AND n.rollback_of IS NOT NULL
              AND n.deployment_id <> page.deployment_id
            ORDER BY
              n.tenant,
              n.rollback_of,
              n.application,
              n.environment_name,
              n.deployed_at,
              n.log_order
            OFFSET
              0
          ) AS named_by,
          (
            SELECT
              n.deployment_id
            FROM
              deployment_history n
            WHERE
              (n.tenant, n.inferred_rollback_of) >= (page.tenant, page.deployment_id)
              AND (n.tenant, n.inferred_rollback_of) <= (page.tenant, page.deployment_id)
              AND n.inferred_rollback_of IS NOT NULL
            ORDER BY
              n.tenant,
              n.inferred_rollback_of
            OFFSET
              0
            LIMIT
              1
          ) AS undone_by,
          (
            SELECT
              h.deployment_id
            FROM
              deployment_history h
            WHERE
              h.tenant = $tenant
              AND h.image_tag = page.image_tag
              AND h.application = page.application
              AND h.succeeded
              AND h.environment_name = (
                SELECT
                  name
                FROM
                  environments ($tenant)
                ORDER BY
                  rank
                LIMIT
                  1
              )
            ORDER BY
              h.finished_at,
              h.log_order
            LIMIT
              1
          ) AS origin_id
      ) others
      LEFT JOIN LATERAL (
        SELECT
          r.deployment_id
        FROM
          metric_row r
        WHERE
          true
          AND r.application = page.application
          AND r.environment_name = page.environment_name
          AND r.finished_at = page.recovered_at
          AND r.succeeded
          AND (r.finished_at, r.log_order) > (page.finished_at, page.log_order)
          AND (
            page.failure_kind <> 'incident'
            OR page.incident_open
          )
        ORDER BY
          r.log_order
        LIMIT
          1
      ) recovery ON true
      CROSS JOIN LATERAL unnest(
        page.deployment_id || coalesce(
          CASE page.failure_kind
            WHEN 'reported' THEN named_by
            WHEN 'inferred' THEN ARRAY[undone_by]
          END || recovery.deployment_id,
          '{}'
        )
      ) WITH ORDINALITY other (deployment_id)
    WHERE
      page.n <= $limit
  ),
  cause AS (
    SELECT
      reason.n,
      reason.ordinality,
      NULL::timestamptz AS started_at,
      NULL::bigint AS log_order,
      e.version,
      concat(
        '{"deploymentId":"',
        e.deployment_id,
        '","type":"',
        e.type,
        '","position":"',
        e.partition,
        ':',
        e.seq,
        '","eventId":"',
        e.event_id,
        '"}'
      ) AS event
    FROM
      reason
      JOIN deployment_event e ON e.tenant = $tenant
      AND e.deployment_id = reason.deployment_id
    WHERE
      e.type <> 'io.shiplog.deployment.removed.v1'
    UNION ALL
    SELECT
      page.n,
      1,
      i.started_at,
      i.log_order,
      e.version,
      concat(
        '{"deploymentId":"',
        page.deployment_id,
        '","incidentId":',
        to_json(e.incident_id),
        ',"type":"',
        e.type,
        '","position":"',
        e.partition,
        ':',
        e.seq,
        '","eventId":"',
        e.event_id,
        '"}'
      )
    FROM
      page
      CROSS JOIN LATERAL (
        SELECT
          h.*
        FROM
          deployment_history h
        WHERE
          h.tenant = $tenant
          AND h.deployment_id = page.deployment_id
      ) h
      CROSS JOIN LATERAL (
        SELECT
          i.tenant,
          i.incident_id,
          i.started_at,
          i.title,
          i.url,
          i.recorded_at,
          i.partition,
          i.log_order,
          i.resolved_at,
          i.last_seq,
          i.version
        FROM
          incident i
        WHERE
          (i.deployment_id, i.tenant) >= (h.deployment_id, h.tenant)
          AND (i.deployment_id, i.tenant, i.started_at) <= (h.deployment_id, h.tenant, 'infinity')
          AND i.deployment_id IS NOT NULL
        ORDER BY
          i.deployment_id DESC,
          i.tenant DESC,
          i.started_at DESC,
          i.log_order DESC
        LIMIT
          20
      ) i
      JOIN incident_event e ON e.tenant = i.tenant
      AND e.incident_id = i.incident_id
    WHERE
      page.n <= $limit
      AND page.failure_kind = 'incident'
      AND e.version <= i.version
      AND (
        e.version = 1
        OR i.resolved_at IS NOT NULL
      )
  ),
  because AS (
    -- The events of the deployment, of its incidents, and of the other deployments.
    SELECT
      n,
      string_agg(
        event,
        ','
        ORDER BY
          ordinality,
          started_at NULLS FIRST,
          log_order,
          version
      ) AS events
    FROM
      cause
    GROUP BY
      n
  )
SELECT
  '[' || coalesce(
    string_agg(
      concat(
        '{"deploymentId":"',
        page.deployment_id,
        '","application":',
        to_json(page.application),
        ',"environment":',
        to_json(page.environment_name),
        ',"imageTag":',
        to_json(page.image_tag),
        ',"finishedAt":"',
        instant (page.finished_at),
        '","part":"',
        page.part,
        '"',
        ',"seconds":' || trim_scale(page.value_ms / 1000.0),
        CASE
          WHEN page.sha <> '' THEN concat(',"commit":{"sha":', to_json(page.sha), ',"committedAt":"', instant (page.committed_at), '"}')
        END,
        ',"because":[',
        because.events,
        ']}'
      ),
      ','
      ORDER BY
        page.n
    ) FILTER (
      WHERE
        page.n <= $limit
    ),
    ''
  ) || ']' AS json,
  (
    SELECT
      json_build_array(instant (finished_at), log_order::text, rank, sha)
    FROM
      page
    WHERE
      n = $limit
      AND EXISTS (
        SELECT
        FROM
          page
        WHERE
          n = $limit + 1
      )
  ) AS last,
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
  page
  LEFT JOIN because USING (n)

-- reworkRate
WITH
  metric_row AS NOT MATERIALIZED (
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
          AND true
      ) m
  ),
  contribution AS (
    SELECT
      m.*,
      CASE
        WHEN m.unplanned THEN 'unplanned'
        ELSE 'counted'
      END AS part,
      NULL::bigint AS value_ms,
      ''::text AS sha,
      NULL::timestamptz AS committed_at
    FROM
      metric_row m
    WHERE
      NOT m.cancelled
      AND m.finished_at >= $from::timestamptz
      AND m.finished_at < $to::timestamptz
  ),
  page AS MATERIALIZED (
    SELECT
      ranked.*,
      row_number() OVER (
        ORDER BY
          rank,
          finished_at DESC,
          log_order DESC,
          sha DESC
      ) AS n
    FROM
      (
        SELECT
          contribution.*,
          array_position('{failed,rolledBackReported,rolledBackInferred,incidents,recovered,open,unplanned,counted}', part) AS rank
        FROM
          contribution
      ) ranked
    ORDER BY
      rank,
      finished_at DESC,
      log_order DESC,
      sha DESC
    LIMIT
      $limit::int + 1
  ),
  reason AS MATERIALIZED (
    SELECT
      page.n,
      other.deployment_id,
      other.ordinality
    FROM
      page
      CROSS JOIN LATERAL (
        SELECT
          ARRAY(
            SELECT
              n.deployment_id
            FROM
              deployment_history n
            WHERE
              (n.tenant, n.rollback_of, n.application, n.environment_name) >= (page.tenant, page.deployment_id, page.application, page.environment_name)
              AND (n.tenant, n.rollback_of, n.application, n.environment_name) <= (page.tenant, page.deployment_id, page.application, page.environment_name)
              AND n.succeeded
              AND n.rollback_of IS NOT NULL
              AND n.deployment_id <> page.deployment_id
            ORDER BY
              n.tenant,
              n.rollback_of,
              n.application,
              n.environment_name,
              n.deployed_at,
              n.log_order
            OFFSET
              0
          ) AS named_by,
          (
            SELECT
              n.deployment_id
            FROM
              deployment_history n
            WHERE
              (n.tenant, n.inferred_rollback_of) >= (page.tenant, page.deployment_id)
              AND (n.tenant, n.inferred_rollback_of) <= (page.tenant, page.deployment_id)
              AND n.inferred_rollback_of IS NOT NULL
            ORDER BY
              n.tenant,
              n.inferred_rollback_of
            OFFSET
              0
            LIMIT
              1
          ) AS undone_by,
          (
            SELECT
              h.deployment_id
            FROM
              deployment_history h
            WHERE
              h.tenant = $tenant
              AND h.image_tag = page.image_tag
              AND h.application = page.application
              AND h.succeeded
              AND h.environment_name = (
                SELECT
                  name
                FROM
                  environments ($tenant)
                ORDER BY
                  rank
                LIMIT
                  1
              )
            ORDER BY
              h.finished_at,
              h.log_order
            LIMIT
              1
          ) AS origin_id
      ) others
      LEFT JOIN LATERAL (
        SELECT
          r.deployment_id
        FROM
          metric_row r
        WHERE
          false
          AND r.application = page.application
          AND r.environment_name = page.environment_name
          AND r.finished_at = page.recovered_at
          AND r.succeeded
          AND (r.finished_at, r.log_order) > (page.finished_at, page.log_order)
          AND (
            page.failure_kind <> 'incident'
            OR page.incident_open
          )
        ORDER BY
          r.log_order
        LIMIT
          1
      ) recovery ON true
      CROSS JOIN LATERAL unnest(page.deployment_id || coalesce('{}'::uuid[], '{}')) WITH ORDINALITY other (deployment_id)
    WHERE
      page.n <= $limit
  ),
  cause AS (
    SELECT
      reason.n,
      reason.ordinality,
      NULL::timestamptz AS started_at,
      NULL::bigint AS log_order,
      e.version,
      concat(
        '{"deploymentId":"',
        e.deployment_id,
        '","type":"',
        e.type,
        '","position":"',
        e.partition,
        ':',
        e.seq,
        '","eventId":"',
        e.event_id,
        '"}'
      ) AS event
    FROM
      reason
      JOIN deployment_event e ON e.tenant = $tenant
      AND e.deployment_id = reason.deployment_id
    WHERE
      e.type <> 'io.shiplog.deployment.removed.v1'
  ),
  because AS (
    -- The events of the deployment, of its incidents, and of the other deployments.
    SELECT
      n,
      string_agg(
        event,
        ','
        ORDER BY
          ordinality,
          started_at NULLS FIRST,
          log_order,
          version
      ) AS events
    FROM
      cause
    GROUP BY
      n
  )
SELECT
  '[' || coalesce(
    string_agg(
      concat(
        '{"deploymentId":"',
        page.deployment_id,
        '","application":',
        to_json(page.application),
        ',"environment":',
        to_json(page.environment_name),
        ',"imageTag":',
        to_json(page.image_tag),
        ',"finishedAt":"',
        instant (page.finished_at),
        '","part":"',
        page.part,
        '"',
        ',"seconds":' || trim_scale(page.value_ms / 1000.0),
        CASE
          WHEN page.sha <> '' THEN concat(',"commit":{"sha":', to_json(page.sha), ',"committedAt":"', instant (page.committed_at), '"}')
        END,
        ',"because":[',
        because.events,
        ']}'
      ),
      ','
      ORDER BY
        page.n
    ) FILTER (
      WHERE
        page.n <= $limit
    ),
    ''
  ) || ']' AS json,
  (
    SELECT
      json_build_array(instant (finished_at), log_order::text, rank, sha)
    FROM
      page
    WHERE
      n = $limit
      AND EXISTS (
        SELECT
        FROM
          page
        WHERE
          n = $limit + 1
      )
  ) AS last,
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
  page
  LEFT JOIN because USING (n)

-- deploymentDuration
WITH
  metric_row AS NOT MATERIALIZED (
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
          AND true
      ) m
  ),
  contribution AS (
    SELECT
      m.*,
      'counted' AS part,
      m.duration_ms AS value_ms,
      ''::text AS sha,
      NULL::timestamptz AS committed_at
    FROM
      metric_row m
    WHERE
      m.duration_ms IS NOT NULL
      AND m.finished_at >= $from::timestamptz
      AND m.finished_at < $to::timestamptz
  ),
  page AS MATERIALIZED (
    SELECT
      ranked.*,
      row_number() OVER (
        ORDER BY
          rank,
          finished_at DESC,
          log_order DESC,
          sha DESC
      ) AS n
    FROM
      (
        SELECT
          contribution.*,
          array_position('{failed,rolledBackReported,rolledBackInferred,incidents,recovered,open,unplanned,counted}', part) AS rank
        FROM
          contribution
      ) ranked
    ORDER BY
      rank,
      finished_at DESC,
      log_order DESC,
      sha DESC
    LIMIT
      $limit::int + 1
  ),
  reason AS MATERIALIZED (
    SELECT
      page.n,
      other.deployment_id,
      other.ordinality
    FROM
      page
      CROSS JOIN LATERAL (
        SELECT
          ARRAY(
            SELECT
              n.deployment_id
            FROM
              deployment_history n
            WHERE
              (n.tenant, n.rollback_of, n.application, n.environment_name) >= (page.tenant, page.deployment_id, page.application, page.environment_name)
              AND (n.tenant, n.rollback_of, n.application, n.environment_name) <= (page.tenant, page.deployment_id, page.application, page.environment_name)
              AND n.succeeded
              AND n.rollback_of IS NOT NULL
              AND n.deployment_id <> page.deployment_id
            ORDER BY
              n.tenant,
              n.rollback_of,
              n.application,
              n.environment_name,
              n.deployed_at,
              n.log_order
            OFFSET
              0
          ) AS named_by,
          (
            SELECT
              n.deployment_id
            FROM
              deployment_history n
            WHERE
              (n.tenant, n.inferred_rollback_of) >= (page.tenant, page.deployment_id)
              AND (n.tenant, n.inferred_rollback_of) <= (page.tenant, page.deployment_id)
              AND n.inferred_rollback_of IS NOT NULL
            ORDER BY
              n.tenant,
              n.inferred_rollback_of
            OFFSET
              0
            LIMIT
              1
          ) AS undone_by,
          (
            SELECT
              h.deployment_id
            FROM
              deployment_history h
            WHERE
              h.tenant = $tenant
              AND h.image_tag = page.image_tag
              AND h.application = page.application
              AND h.succeeded
              AND h.environment_name = (
                SELECT
                  name
                FROM
                  environments ($tenant)
                ORDER BY
                  rank
                LIMIT
                  1
              )
            ORDER BY
              h.finished_at,
              h.log_order
            LIMIT
              1
          ) AS origin_id
      ) others
      LEFT JOIN LATERAL (
        SELECT
          r.deployment_id
        FROM
          metric_row r
        WHERE
          false
          AND r.application = page.application
          AND r.environment_name = page.environment_name
          AND r.finished_at = page.recovered_at
          AND r.succeeded
          AND (r.finished_at, r.log_order) > (page.finished_at, page.log_order)
          AND (
            page.failure_kind <> 'incident'
            OR page.incident_open
          )
        ORDER BY
          r.log_order
        LIMIT
          1
      ) recovery ON true
      CROSS JOIN LATERAL unnest(page.deployment_id || coalesce('{}'::uuid[], '{}')) WITH ORDINALITY other (deployment_id)
    WHERE
      page.n <= $limit
  ),
  cause AS (
    SELECT
      reason.n,
      reason.ordinality,
      NULL::timestamptz AS started_at,
      NULL::bigint AS log_order,
      e.version,
      concat(
        '{"deploymentId":"',
        e.deployment_id,
        '","type":"',
        e.type,
        '","position":"',
        e.partition,
        ':',
        e.seq,
        '","eventId":"',
        e.event_id,
        '"}'
      ) AS event
    FROM
      reason
      JOIN deployment_event e ON e.tenant = $tenant
      AND e.deployment_id = reason.deployment_id
    WHERE
      e.type <> 'io.shiplog.deployment.removed.v1'
  ),
  because AS (
    -- The events of the deployment, of its incidents, and of the other deployments.
    SELECT
      n,
      string_agg(
        event,
        ','
        ORDER BY
          ordinality,
          started_at NULLS FIRST,
          log_order,
          version
      ) AS events
    FROM
      cause
    GROUP BY
      n
  )
SELECT
  '[' || coalesce(
    string_agg(
      concat(
        '{"deploymentId":"',
        page.deployment_id,
        '","application":',
        to_json(page.application),
        ',"environment":',
        to_json(page.environment_name),
        ',"imageTag":',
        to_json(page.image_tag),
        ',"finishedAt":"',
        instant (page.finished_at),
        '","part":"',
        page.part,
        '"',
        ',"seconds":' || trim_scale(page.value_ms / 1000.0),
        CASE
          WHEN page.sha <> '' THEN concat(',"commit":{"sha":', to_json(page.sha), ',"committedAt":"', instant (page.committed_at), '"}')
        END,
        ',"because":[',
        because.events,
        ']}'
      ),
      ','
      ORDER BY
        page.n
    ) FILTER (
      WHERE
        page.n <= $limit
    ),
    ''
  ) || ']' AS json,
  (
    SELECT
      json_build_array(instant (finished_at), log_order::text, rank, sha)
    FROM
      page
    WHERE
      n = $limit
      AND EXISTS (
        SELECT
        FROM
          page
        WHERE
          n = $limit + 1
      )
  ) AS last,
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
  page
  LEFT JOIN because USING (n)

-- promotionLeadTime
WITH
  metric_row AS NOT MATERIALIZED (
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
          AND true
      ) m
  ),
  contribution AS (
    SELECT
      m.*,
      'counted' AS part,
      m.promotion_lead_ms AS value_ms,
      ''::text AS sha,
      NULL::timestamptz AS committed_at
    FROM
      metric_row m
    WHERE
      m.promotion_lead_ms IS NOT NULL
      AND m.finished_at >= $from::timestamptz
      AND m.finished_at < $to::timestamptz
  ),
  page AS MATERIALIZED (
    SELECT
      ranked.*,
      row_number() OVER (
        ORDER BY
          rank,
          finished_at DESC,
          log_order DESC,
          sha DESC
      ) AS n
    FROM
      (
        SELECT
          contribution.*,
          array_position('{failed,rolledBackReported,rolledBackInferred,incidents,recovered,open,unplanned,counted}', part) AS rank
        FROM
          contribution
      ) ranked
    ORDER BY
      rank,
      finished_at DESC,
      log_order DESC,
      sha DESC
    LIMIT
      $limit::int + 1
  ),
  reason AS MATERIALIZED (
    SELECT
      page.n,
      other.deployment_id,
      other.ordinality
    FROM
      page
      CROSS JOIN LATERAL (
        SELECT
          ARRAY(
            SELECT
              n.deployment_id
            FROM
              deployment_history n
            WHERE
              (n.tenant, n.rollback_of, n.application, n.environment_name) >= (page.tenant, page.deployment_id, page.application, page.environment_name)
              AND (n.tenant, n.rollback_of, n.application, n.environment_name) <= (page.tenant, page.deployment_id, page.application, page.environment_name)
              AND n.succeeded
              AND n.rollback_of IS NOT NULL
              AND n.deployment_id <> page.deployment_id
            ORDER BY
              n.tenant,
              n.rollback_of,
              n.application,
              n.environment_name,
              n.deployed_at,
              n.log_order
            OFFSET
              0
          ) AS named_by,
          (
            SELECT
              n.deployment_id
            FROM
              deployment_history n
            WHERE
              (n.tenant, n.inferred_rollback_of) >= (page.tenant, page.deployment_id)
              AND (n.tenant, n.inferred_rollback_of) <= (page.tenant, page.deployment_id)
              AND n.inferred_rollback_of IS NOT NULL
            ORDER BY
              n.tenant,
              n.inferred_rollback_of
            OFFSET
              0
            LIMIT
              1
          ) AS undone_by,
          (
            SELECT
              h.deployment_id
            FROM
              deployment_history h
            WHERE
              h.tenant = $tenant
              AND h.image_tag = page.image_tag
              AND h.application = page.application
              AND h.succeeded
              AND h.environment_name = (
                SELECT
                  name
                FROM
                  environments ($tenant)
                ORDER BY
                  rank
                LIMIT
                  1
              )
            ORDER BY
              h.finished_at,
              h.log_order
            LIMIT
              1
          ) AS origin_id
      ) others
      LEFT JOIN LATERAL (
        SELECT
          r.deployment_id
        FROM
          metric_row r
        WHERE
          false
          AND r.application = page.application
          AND r.environment_name = page.environment_name
          AND r.finished_at = page.recovered_at
          AND r.succeeded
          AND (r.finished_at, r.log_order) > (page.finished_at, page.log_order)
          AND (
            page.failure_kind <> 'incident'
            OR page.incident_open
          )
        ORDER BY
          r.log_order
        LIMIT
          1
      ) recovery ON true
      CROSS JOIN LATERAL unnest(page.deployment_id || coalesce(ARRAY[origin_id], '{}')) WITH ORDINALITY other (deployment_id)
    WHERE
      page.n <= $limit
  ),
  cause AS (
    SELECT
      reason.n,
      reason.ordinality,
      NULL::timestamptz AS started_at,
      NULL::bigint AS log_order,
      e.version,
      concat(
        '{"deploymentId":"',
        e.deployment_id,
        '","type":"',
        e.type,
        '","position":"',
        e.partition,
        ':',
        e.seq,
        '","eventId":"',
        e.event_id,
        '"}'
      ) AS event
    FROM
      reason
      JOIN deployment_event e ON e.tenant = $tenant
      AND e.deployment_id = reason.deployment_id
    WHERE
      e.type <> 'io.shiplog.deployment.removed.v1'
  ),
  because AS (
    -- The events of the deployment, of its incidents, and of the other deployments.
    SELECT
      n,
      string_agg(
        event,
        ','
        ORDER BY
          ordinality,
          started_at NULLS FIRST,
          log_order,
          version
      ) AS events
    FROM
      cause
    GROUP BY
      n
  )
SELECT
  '[' || coalesce(
    string_agg(
      concat(
        '{"deploymentId":"',
        page.deployment_id,
        '","application":',
        to_json(page.application),
        ',"environment":',
        to_json(page.environment_name),
        ',"imageTag":',
        to_json(page.image_tag),
        ',"finishedAt":"',
        instant (page.finished_at),
        '","part":"',
        page.part,
        '"',
        ',"seconds":' || trim_scale(page.value_ms / 1000.0),
        CASE
          WHEN page.sha <> '' THEN concat(',"commit":{"sha":', to_json(page.sha), ',"committedAt":"', instant (page.committed_at), '"}')
        END,
        ',"because":[',
        because.events,
        ']}'
      ),
      ','
      ORDER BY
        page.n
    ) FILTER (
      WHERE
        page.n <= $limit
    ),
    ''
  ) || ']' AS json,
  (
    SELECT
      json_build_array(instant (finished_at), log_order::text, rank, sha)
    FROM
      page
    WHERE
      n = $limit
      AND EXISTS (
        SELECT
        FROM
          page
        WHERE
          n = $limit + 1
      )
  ) AS last,
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
  page
  LEFT JOIN because USING (n)

-- changeFailRate, of an application, from a cursor
WITH
  metric_row AS NOT MATERIALIZED (
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
          AND true
      ) m
  ),
  contribution AS (
    SELECT
      m.*,
      CASE m.failure_kind
        WHEN 'failed' THEN 'failed'
        WHEN 'reported' THEN 'rolledBackReported'
        WHEN 'inferred' THEN 'rolledBackInferred'
        WHEN 'incident' THEN 'incidents'
        ELSE 'counted'
      END AS part,
      NULL::bigint AS value_ms,
      ''::text AS sha,
      NULL::timestamptz AS committed_at
    FROM
      metric_row m
    WHERE
      NOT m.cancelled
      AND m.finished_at >= $from::timestamptz
      AND m.finished_at < $to::timestamptz
  ),
  page AS MATERIALIZED (
    SELECT
      ranked.*,
      row_number() OVER (
        ORDER BY
          rank,
          finished_at DESC,
          log_order DESC,
          sha DESC
      ) AS n
    FROM
      (
        SELECT
          contribution.*,
          array_position('{failed,rolledBackReported,rolledBackInferred,incidents,recovered,open,unplanned,counted}', part) AS rank
        FROM
          contribution
      ) ranked
    WHERE
      (- rank, finished_at, log_order, sha) < (- $lastRank::int, $lastFinishedAt::timestamptz, $lastLogOrder::bigint, $lastSha::text)
    ORDER BY
      rank,
      finished_at DESC,
      log_order DESC,
      sha DESC
    LIMIT
      $limit::int + 1
  ),
  reason AS MATERIALIZED (
    SELECT
      page.n,
      other.deployment_id,
      other.ordinality
    FROM
      page
      CROSS JOIN LATERAL (
        SELECT
          ARRAY(
            SELECT
              n.deployment_id
            FROM
              deployment_history n
            WHERE
              (n.tenant, n.rollback_of, n.application, n.environment_name) >= (page.tenant, page.deployment_id, page.application, page.environment_name)
              AND (n.tenant, n.rollback_of, n.application, n.environment_name) <= (page.tenant, page.deployment_id, page.application, page.environment_name)
              AND n.succeeded
              AND n.rollback_of IS NOT NULL
              AND n.deployment_id <> page.deployment_id
            ORDER BY
              n.tenant,
              n.rollback_of,
              n.application,
              n.environment_name,
              n.deployed_at,
              n.log_order
            OFFSET
              0
          ) AS named_by,
          (
            SELECT
              n.deployment_id
            FROM
              deployment_history n
            WHERE
              (n.tenant, n.inferred_rollback_of) >= (page.tenant, page.deployment_id)
              AND (n.tenant, n.inferred_rollback_of) <= (page.tenant, page.deployment_id)
              AND n.inferred_rollback_of IS NOT NULL
            ORDER BY
              n.tenant,
              n.inferred_rollback_of
            OFFSET
              0
            LIMIT
              1
          ) AS undone_by,
          (
            SELECT
              h.deployment_id
            FROM
              deployment_history h
            WHERE
              h.tenant = $tenant
              AND h.image_tag = page.image_tag
              AND h.application = page.application
              AND h.succeeded
              AND h.environment_name = (
                SELECT
                  name
                FROM
                  environments ($tenant)
                ORDER BY
                  rank
                LIMIT
                  1
              )
            ORDER BY
              h.finished_at,
              h.log_order
            LIMIT
              1
          ) AS origin_id
      ) others
      LEFT JOIN LATERAL (
        SELECT
          r.deployment_id
        FROM
          metric_row r
        WHERE
          false
          AND r.application = page.application
          AND r.environment_name = page.environment_name
          AND r.finished_at = page.recovered_at
          AND r.succeeded
          AND (r.finished_at, r.log_order) > (page.finished_at, page.log_order)
          AND (
            page.failure_kind <> 'incident'
            OR page.incident_open
          )
        ORDER BY
          r.log_order
        LIMIT
          1
      ) recovery ON true
      CROSS JOIN LATERAL unnest(
        page.deployment_id || coalesce(
          CASE page.failure_kind
            WHEN 'reported' THEN named_by
            WHEN 'inferred' THEN ARRAY[undone_by]
          END,
          '{}'
        )
      ) WITH ORDINALITY other (deployment_id)
    WHERE
      page.n <= $limit
  ),
  cause AS (
    SELECT
      reason.n,
      reason.ordinality,
      NULL::timestamptz AS started_at,
      NULL::bigint AS log_order,
      e.version,
      concat(
        '{"deploymentId":"',
        e.deployment_id,
        '","type":"',
        e.type,
        '","position":"',
        e.partition,
        ':',
        e.seq,
        '","eventId":"',
        e.event_id,
        '"}'
      ) AS event
    FROM
      reason
      JOIN deployment_event e ON e.tenant = $tenant
      AND e.deployment_id = reason.deployment_id
    WHERE
      e.type <> 'io.shiplog.deployment.removed.v1'
    UNION ALL
    SELECT
      page.n,
      1,
      i.started_at,
      i.log_order,
      e.version,
      concat(
        '{"deploymentId":"',
        page.deployment_id,
        '","incidentId":',
        to_json(e.incident_id),
        ',"type":"',
        e.type,
        '","position":"',
        e.partition,
        ':',
        e.seq,
        '","eventId":"',
        e.event_id,
        '"}'
      )
    FROM
      page
      CROSS JOIN LATERAL (
        SELECT
          h.*
        FROM
          deployment_history h
        WHERE
          h.tenant = $tenant
          AND h.deployment_id = page.deployment_id
      ) h
      CROSS JOIN LATERAL (
        SELECT
          i.tenant,
          i.incident_id,
          i.started_at,
          i.title,
          i.url,
          i.recorded_at,
          i.partition,
          i.log_order,
          i.resolved_at,
          i.last_seq,
          i.version
        FROM
          incident i
        WHERE
          (i.deployment_id, i.tenant) >= (h.deployment_id, h.tenant)
          AND (i.deployment_id, i.tenant, i.started_at) <= (h.deployment_id, h.tenant, 'infinity')
          AND i.deployment_id IS NOT NULL
        ORDER BY
          i.deployment_id DESC,
          i.tenant DESC,
          i.started_at DESC,
          i.log_order DESC
        LIMIT
          20
      ) i
      JOIN incident_event e ON e.tenant = i.tenant
      AND e.incident_id = i.incident_id
    WHERE
      page.n <= $limit
      AND page.failure_kind = 'incident'
      AND e.version <= i.version
      AND (
        e.version = 1
        OR i.resolved_at IS NOT NULL
      )
  ),
  because AS (
    -- The events of the deployment, of its incidents, and of the other deployments.
    SELECT
      n,
      string_agg(
        event,
        ','
        ORDER BY
          ordinality,
          started_at NULLS FIRST,
          log_order,
          version
      ) AS events
    FROM
      cause
    GROUP BY
      n
  )
SELECT
  '[' || coalesce(
    string_agg(
      concat(
        '{"deploymentId":"',
        page.deployment_id,
        '","application":',
        to_json(page.application),
        ',"environment":',
        to_json(page.environment_name),
        ',"imageTag":',
        to_json(page.image_tag),
        ',"finishedAt":"',
        instant (page.finished_at),
        '","part":"',
        page.part,
        '"',
        ',"seconds":' || trim_scale(page.value_ms / 1000.0),
        CASE
          WHEN page.sha <> '' THEN concat(',"commit":{"sha":', to_json(page.sha), ',"committedAt":"', instant (page.committed_at), '"}')
        END,
        ',"because":[',
        because.events,
        ']}'
      ),
      ','
      ORDER BY
        page.n
    ) FILTER (
      WHERE
        page.n <= $limit
    ),
    ''
  ) || ']' AS json,
  (
    SELECT
      json_build_array(instant (finished_at), log_order::text, rank, sha)
    FROM
      page
    WHERE
      n = $limit
      AND EXISTS (
        SELECT
        FROM
          page
        WHERE
          n = $limit + 1
      )
  ) AS last,
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
  page
  LEFT JOIN because USING (n)
