-- drift scope

WITH
  requested AS MATERIALIZED (
    SELECT
      as_sent,
      n,
      environment_name ($tenant, key) AS name
    FROM
      unnest($requestedNames::text[], $requestedKeys::text[]) WITH ORDINALITY AS requested (as_sent, key, n)
  )
SELECT
  ARRAY(
    SELECT
      name
    FROM
      requested
    ORDER BY
      n
  ) AS environments,
  ARRAY(
    SELECT
      as_sent
    FROM
      requested
    WHERE
      NOT EXISTS (
        SELECT
        FROM
          environments ($tenant) known
        WHERE
          known.name = requested.name
      )
      AND NOT EXISTS (
        SELECT
        FROM
          deployment_history h
        WHERE
          h.tenant = $tenant
          AND h.environment_name = requested.name
      )
      AND NOT EXISTS (
        SELECT
        FROM
          configuration_history h
        WHERE
          h.tenant = $tenant
          AND h.environment = requested.name
      )
    ORDER BY
      n
  ) AS unknown,
  ARRAY(
    SELECT
      name
    FROM
      environments ($tenant)
    ORDER BY
      rank
  ) AS pipeline,
  milliseconds (coalesce($asOf::timestamptz, date_trunc('milliseconds', statement_timestamp()))) AS at,
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
