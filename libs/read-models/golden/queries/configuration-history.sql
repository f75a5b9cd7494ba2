-- configuration history

-- now, from a cursor
WITH
  page AS MATERIALIZED (
    SELECT
      h.*,
      row_number() OVER (
        ORDER BY
          h.revision DESC
      ) AS n
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
      AND h.key = $key
      AND h.revision < $beforeRevision::int
    ORDER BY
      h.revision DESC
    LIMIT
      $limit::int + 1
  )
SELECT
  (
    SELECT
      '[' || string_agg(
        concat(
          '{"id":"',
          h.id,
          '","key":',
          to_json(h.key),
          CASE
            WHEN h.hash IS NULL THEN ',"deleted":true'
          END,
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
          ',"recordedAt":"',
          instant (h.recorded_at),
          '","position":"',
          h.partition,
          ':',
          h.seq,
          '"',
          ',"cause":{"promotionId":"' || h.promotion_id || '","action":"' || h.promotion_action || '"}',
          '}'
        ),
        ','
        ORDER BY
          h.n
      ) || ']'
    FROM
      page h
    WHERE
      h.n <= $limit
  ) AS json,
  (
    SELECT
      json_build_array(revision)
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
          h.revision DESC
      ) AS n
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
      AND h.key = $key
      AND h.revision < $beforeRevision::int
    ORDER BY
      h.revision DESC
    LIMIT
      $limit::int + 1
  )
SELECT
  (
    SELECT
      '[' || string_agg(
        concat(
          '{"id":"',
          h.id,
          '","key":',
          to_json(h.key),
          CASE
            WHEN h.hash IS NULL THEN ',"deleted":true'
          END,
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
          ',"recordedAt":"',
          instant (h.recorded_at),
          '","position":"',
          h.partition,
          ':',
          h.seq,
          '"',
          ',"cause":{"promotionId":"' || h.promotion_id || '","action":"' || h.promotion_action || '"}',
          '}'
        ),
        ','
        ORDER BY
          h.n
      ) || ']'
    FROM
      page h
    WHERE
      h.n <= $limit
  ) AS json,
  (
    SELECT
      json_build_array(revision)
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
