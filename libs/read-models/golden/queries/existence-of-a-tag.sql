-- existence of a tag

SELECT
  (
    SELECT
      count(*)::int
    FROM
      deployment_history h
    WHERE
      h.tenant = $tenant
      AND h.image_tag = $imageTag
  ) AS deployments,
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

-- in a slot
SELECT
  (
    SELECT
      count(*)::int
    FROM
      deployment_history h
    WHERE
      h.tenant = $tenant
      AND h.image_tag = $imageTag
      AND h.application = $application
      AND h.environment_name = (
        SELECT
          environment_name ($tenant, $environment)
      )
  ) AS deployments,
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
