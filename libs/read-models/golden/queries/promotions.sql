-- promotions

-- no filter
WITH
  page AS MATERIALIZED (
    SELECT
      p.*,
      row_number() OVER (
        ORDER BY
          p.created_at DESC,
          p.log_order DESC
      ) AS n
    FROM
      promotion p
    WHERE
      p.tenant = $tenant
    ORDER BY
      p.created_at DESC,
      p.log_order DESC
    LIMIT
      $limit::int + 1
  )
SELECT
  (
    SELECT
      coalesce(
        json_agg(
          json_build_object(
            'promotion',
            p.promotion,
            'standing',
            p.standing,
            'recordedAt',
            instant (p.recorded_at),
            'position',
            p.partition || ':' || p.last_seq,
            'version',
            p.version,
            'deploymentId',
            (
              SELECT
                h.deployment_id
              FROM
                deployment_history h
                CROSS JOIN LATERAL (
                  SELECT
                    coalesce(h.correlation_id = p.promotion_id::text, false) AS correlated,
                    h.labels ->> 'shiplog.io/promotion' AS label
                ) claim
              WHERE
                h.tenant = p.tenant
                AND h.image_tag = p.promotion -> 'request' -> 'image' ->> 'imageTag'
                AND h.application = p.promotion -> 'request' -> 'image' ->> 'application'
                AND h.environment_name = (
                  SELECT
                    environment_name (p.tenant, p.target_environment)
                )
                AND p.promotion -> 'executed' IS NOT NULL
                AND (
                  claim.correlated
                  OR claim.label = p.promotion_id::text
                  OR claim.label IS NULL
                  AND h.recorded_at >= (p.promotion -> 'executed' ->> 'at')::timestamptz
                )
              ORDER BY
                claim.correlated DESC,
                claim.label,
                h.recorded_at,
                h.log_order
              LIMIT
                1
            )
          )
          ORDER BY
            p.n
        ),
        '[]'
      )
    FROM
      page p
    WHERE
      p.n <= $limit
  ) AS rows,
  (
    SELECT
      json_build_array(instant (created_at), log_order::text)
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

-- all filters, from a cursor
WITH
  page AS MATERIALIZED (
    SELECT
      p.*,
      row_number() OVER (
        ORDER BY
          p.created_at DESC,
          p.log_order DESC
      ) AS n
    FROM
      promotion p
    WHERE
      p.tenant = $tenant
      AND p.state = ANY ($state::text[])
      AND p.source_environment = ANY (
        (
          SELECT
            environment_words ($tenant, $source)
        )::text[]
      )
      AND p.target_environment = ANY (
        (
          SELECT
            environment_words ($tenant, $target)
        )::text[]
      )
      AND (p.created_at, p.log_order) < ($createdAt::timestamptz, $logOrder::bigint)
    ORDER BY
      p.created_at DESC,
      p.log_order DESC
    LIMIT
      $limit::int + 1
  )
SELECT
  (
    SELECT
      coalesce(
        json_agg(
          json_build_object(
            'promotion',
            p.promotion,
            'standing',
            p.standing,
            'recordedAt',
            instant (p.recorded_at),
            'position',
            p.partition || ':' || p.last_seq,
            'version',
            p.version,
            'deploymentId',
            (
              SELECT
                h.deployment_id
              FROM
                deployment_history h
                CROSS JOIN LATERAL (
                  SELECT
                    coalesce(h.correlation_id = p.promotion_id::text, false) AS correlated,
                    h.labels ->> 'shiplog.io/promotion' AS label
                ) claim
              WHERE
                h.tenant = p.tenant
                AND h.image_tag = p.promotion -> 'request' -> 'image' ->> 'imageTag'
                AND h.application = p.promotion -> 'request' -> 'image' ->> 'application'
                AND h.environment_name = (
                  SELECT
                    environment_name (p.tenant, p.target_environment)
                )
                AND p.promotion -> 'executed' IS NOT NULL
                AND (
                  claim.correlated
                  OR claim.label = p.promotion_id::text
                  OR claim.label IS NULL
                  AND h.recorded_at >= (p.promotion -> 'executed' ->> 'at')::timestamptz
                )
              ORDER BY
                claim.correlated DESC,
                claim.label,
                h.recorded_at,
                h.log_order
              LIMIT
                1
            )
          )
          ORDER BY
            p.n
        ),
        '[]'
      )
    FROM
      page p
    WHERE
      p.n <= $limit
  ) AS rows,
  (
    SELECT
      json_build_array(instant (created_at), log_order::text)
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
