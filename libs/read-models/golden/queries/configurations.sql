-- configurations

-- now, from a cursor
WITH
  page AS MATERIALIZED (
    SELECT
      h.*,
      row_number() OVER (
        ORDER BY
          h.key
      ) AS n
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
      starts_with(h.key, $prefix)
      AND h.key > $afterKey
    ORDER BY
      h.key
    LIMIT
      $limit::int + 1
  )
SELECT
  '[' || coalesce(
    (
      SELECT
        string_agg(
          concat(
            '{"id":"',
            h.id,
            '"',
            ',"key":' || to_json(h.key)::text,
            CASE
              WHEN h.hash IS NULL THEN NULL
              WHEN h.kind = 'flag'
              AND NOT h.secret
              AND json_typeof(h.value) = 'object' THEN nullif(',' || substr(h.value::text, 2, length(h.value::text) - 2), ',')
              ELSE ',"value":' || CASE
                WHEN h.secret THEN '"********"'
                ELSE h.value::text
              END
            END,
            CASE
              WHEN h.secret THEN ',"secret":true'
            END,
            ',"description":' || to_json(h.description)::text,
            ',"revision":' || h.revision::text,
            ',"updatedAt":"' || instant (h.changed_at) || '"',
            ',"updatedBy":' || to_json(h.changed_by)::text,
            '}'
          ),
          ','
          ORDER BY
            h.n
        )
      FROM
        page h
      WHERE
        h.n <= $limit
    ),
    ''
  ) || ']' AS json,
  (
    SELECT
      json_build_array(key)
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

-- as of and as known, from a cursor
WITH
  page AS MATERIALIZED (
    SELECT
      h.*,
      row_number() OVER (
        ORDER BY
          h.key
      ) AS n
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
      starts_with(h.key, $prefix)
      AND h.key > $afterKey
    ORDER BY
      h.key
    LIMIT
      $limit::int + 1
  )
SELECT
  '[' || coalesce(
    (
      SELECT
        string_agg(
          concat(
            '{"id":"',
            h.id,
            '"',
            ',"key":' || to_json(h.key)::text,
            CASE
              WHEN h.hash IS NULL THEN NULL
              WHEN h.kind = 'flag'
              AND NOT h.secret
              AND json_typeof(h.value) = 'object' THEN nullif(',' || substr(h.value::text, 2, length(h.value::text) - 2), ',')
              ELSE ',"value":' || CASE
                WHEN h.secret THEN '"********"'
                ELSE h.value::text
              END
            END,
            CASE
              WHEN h.secret THEN ',"secret":true'
            END,
            ',"description":' || to_json(h.description)::text,
            ',"revision":' || h.revision::text,
            ',"updatedAt":"' || instant (h.changed_at) || '"',
            ',"updatedBy":' || to_json(h.changed_by)::text,
            '}'
          ),
          ','
          ORDER BY
            h.n
        )
      FROM
        page h
      WHERE
        h.n <= $limit
    ),
    ''
  ) || ']' AS json,
  (
    SELECT
      json_build_array(key)
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
