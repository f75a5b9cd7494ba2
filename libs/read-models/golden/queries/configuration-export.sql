-- configuration export

-- now
SELECT
  (
    SELECT
      coalesce(
        json_agg(
          json_build_object(
            'key',
            h.key,
            'value',
            (
              CASE
                WHEN h.secret THEN '"********"'
                ELSE h.value::text
              END
            )::json
          )
          ORDER BY
            h.key
        ),
        '[]'
      )
    FROM
      (
        SELECT
          h.kind,
          h.key,
          h.id,
          h.hash,
          h.value,
          h.secret,
          h.description,
          h.revision,
          h.changed_at,
          h.changed_by
        FROM
          configuration_current h
        WHERE
          h.tenant = $tenant
          AND h.environment = (
            SELECT
              configuration_name (
                $tenant,
                (
                  SELECT
                    environment_name ($tenant, $environment)
                )
              )
          )
          AND h.kind = $kind
      ) h
    WHERE
      true
  ) AS keys,
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

-- as of and as known
SELECT
  (
    SELECT
      coalesce(
        json_agg(
          json_build_object(
            'key',
            h.key,
            'value',
            (
              CASE
                WHEN h.secret THEN '"********"'
                ELSE h.value::text
              END
            )::json
          )
          ORDER BY
            h.key
        ),
        '[]'
      )
    FROM
      (
        SELECT
          *
        FROM
          (
            SELECT DISTINCT
              ON (h.kind, h.key) h.kind,
              h.key,
              h.id,
              h.hash,
              h.value,
              h.secret,
              h.description,
              h.revision,
              h.changed_at,
              h.changed_by
            FROM
              configuration_history h
            WHERE
              h.tenant = $tenant
              AND h.environment = (
                SELECT
                  configuration_name (
                    $tenant,
                    (
                      SELECT
                        environment_name ($tenant, $environment)
                    )
                  )
              )
              AND h.kind = $kind
              AND h.changed_at <= $asOf::timestamptz
              AND h.recorded_at <= $knownAt::timestamptz
            ORDER BY
              h.kind,
              h.key,
              h.revision DESC
          ) h
        WHERE
          h.hash IS NOT NULL
      ) h
    WHERE
      true
  ) AS keys,
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
