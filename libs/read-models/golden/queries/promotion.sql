-- promotion

SELECT
  (
    SELECT
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
    FROM
      promotion p
    WHERE
      p.tenant = $tenant
      AND p.promotion_id = $id
  ) AS row,
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
