-- pipeline settings

SELECT
  own.pipeline,
  own.freezes,
  coalesce(own.version, 0) + 1 AS revision,
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
  (
    SELECT
      $tenant::text AS tenant
  ) requested
  LEFT JOIN tenant_pipeline own USING (tenant)
