-- configuration drift

-- now, from a cursor
WITH
  environments AS MATERIALIZED (
    SELECT
      (
        SELECT
          environment_name ($tenant, $sourceKey)
      ) AS source,
      (
        SELECT
          environment_name ($tenant, $targetKey)
      ) AS target,
      date_trunc('milliseconds', statement_timestamp()) AS as_of
  ),
  differing AS MATERIALIZED (
    SELECT
      kind,
      key,
      CASE
        WHEN target.hash IS NULL THEN 'added'
        WHEN source.hash IS NULL THEN 'removed'
        ELSE 'modified'
      END AS state,
      CASE
        WHEN source.hash IS NULL THEN NULL
        WHEN source.secret
        OR target.secret THEN '"********"'
        ELSE source.value::text
      END AS source_value,
      CASE
        WHEN target.hash IS NULL THEN NULL
        WHEN source.secret
        OR target.secret THEN '"********"'
        ELSE target.value::text
      END AS target_value
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
                    environment_name ($tenant, $sourceKey)
                )
              )
          )
      ) source
      FULL JOIN (
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
                    environment_name ($tenant, $targetKey)
                )
              )
          )
      ) target USING (kind, key)
    WHERE
      source.hash IS DISTINCT FROM target.hash
  ),
  page AS MATERIALIZED (
    SELECT
      differing.*,
      row_number() OVER (
        ORDER BY
          kind,
          key
      ) AS n
    FROM
      differing
    WHERE
      true
      AND (kind, key) > ($afterKind, $afterKey)
    ORDER BY
      kind,
      key
    LIMIT
      $limit::int + 1
  ),
  change AS MATERIALIZED (
    SELECT
      h.*,
      0 AS side
    FROM
      page
      CROSS JOIN LATERAL (
        SELECT
          h.*
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
                    environment_name ($tenant, $sourceKey)
                )
              )
          )
          AND h.kind = page.kind
          AND h.key = page.key
      ) h
    UNION ALL
    SELECT
      h.*,
      1 AS side
    FROM
      page
      CROSS JOIN LATERAL (
        SELECT
          h.*
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
                    environment_name ($tenant, $targetKey)
                )
              )
          )
          AND h.kind = page.kind
          AND h.key = page.key
      ) h
  ),
  instant AS (
    SELECT
      change.kind,
      change.key,
      change.changed_at,
      change.seq,
      change.revision,
      change.side,
      max(revision) FILTER (
        WHERE
          side = 0
      ) OVER until AS source_revision,
      max(revision) FILTER (
        WHERE
          side = 1
      ) OVER until AS target_revision
    FROM
      change
    WINDOW
      until AS (
        PARTITION BY
          change.kind,
          change.key
        ORDER BY
          change.changed_at
      )
  ),
  compared AS (
    SELECT
      instant.*,
      source.hash IS NOT DISTINCT FROM target.hash AS same
    FROM
      instant
      LEFT JOIN change source ON source.side = 0
      AND source.kind = instant.kind
      AND source.key = instant.key
      AND source.revision = instant.source_revision
      LEFT JOIN change target ON target.side = 1
      AND target.kind = instant.kind
      AND target.key = instant.key
      AND target.revision = instant.target_revision
  ),
  span AS (
    SELECT
      compared.*,
      max(changed_at) FILTER (
        WHERE
          same
      ) OVER (
        PARTITION BY
          kind,
          key
      ) AS last_same
    FROM
      compared
  ),
  cause AS (
    SELECT DISTINCT
      ON (kind, key) kind,
      key,
      side,
      revision,
      changed_at
    FROM
      span
    WHERE
      last_same IS NULL
      OR changed_at > last_same
    ORDER BY
      kind,
      key,
      changed_at,
      seq DESC
  )
SELECT
  (
    SELECT
      json_build_object('source', source, 'target', target, 'asOf', instant (as_of))
    FROM
      environments
  ) AS names,
  ARRAY(
    SELECT
      requested.name
    FROM
      unnest($requestedNames::text[], $requestedKeys::text[]) AS requested (name, key)
    WHERE
      NOT EXISTS (
        SELECT
        FROM
          environments ($tenant) known
        WHERE
          requested.key = ANY (known.words)
      )
      AND NOT EXISTS (
        SELECT
        FROM
          configuration_history h
        WHERE
          h.tenant = $tenant
          AND h.environment = requested.key
      )
  ) AS unknown,
  '[' || coalesce(
    (
      SELECT
        string_agg(
          concat(
            '{"kind":"',
            page.kind,
            '","key":',
            to_json(page.key),
            ',"state":"',
            page.state,
            '"',
            ',"sourceValue":' || page.source_value,
            ',"targetValue":' || page.target_value,
            ',"since":"',
            instant (h.changed_at),
            '","ageSeconds":',
            trim_scale(
              extract(
                epoch
                FROM
                  environments.as_of - h.changed_at
              )
            ),
            ',"cause":{"environment":',
            to_json(
              CASE h.side
                WHEN 0 THEN environments.source
                ELSE environments.target
              END
            ),
            ',"revision":',
            h.revision,
            ',"position":"',
            h.partition,
            ':',
            h.seq,
            '"',
            ',"by":' || to_json(h.changed_by)::text,
            ',"promotionId":"' || h.promotion_id || '"',
            '}}'
          ),
          ','
          ORDER BY
            page.n
        )
      FROM
        page
        JOIN cause USING (kind, key)
        JOIN change h USING (kind, key, side, revision)
        CROSS JOIN environments
      WHERE
        page.n <= $limit
    ),
    ''
  ) || ']' AS json,
  (
    SELECT
      json_build_array(kind, key)
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
  environments AS MATERIALIZED (
    SELECT
      (
        SELECT
          environment_name ($tenant, $sourceKey)
      ) AS source,
      (
        SELECT
          environment_name ($tenant, $targetKey)
      ) AS target,
      $asOf::timestamptz AS as_of
  ),
  differing AS MATERIALIZED (
    SELECT
      kind,
      key,
      CASE
        WHEN target.hash IS NULL THEN 'added'
        WHEN source.hash IS NULL THEN 'removed'
        ELSE 'modified'
      END AS state,
      CASE
        WHEN source.hash IS NULL THEN NULL
        WHEN source.secret
        OR target.secret THEN '"********"'
        ELSE source.value::text
      END AS source_value,
      CASE
        WHEN target.hash IS NULL THEN NULL
        WHEN source.secret
        OR target.secret THEN '"********"'
        ELSE target.value::text
      END AS target_value
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
                        environment_name ($tenant, $sourceKey)
                    )
                  )
              )
              AND h.changed_at <= $asOf::timestamptz
              AND h.recorded_at <= $knownAt::timestamptz
            ORDER BY
              h.kind,
              h.key,
              h.revision DESC
          ) h
        WHERE
          h.hash IS NOT NULL
      ) source
      FULL JOIN (
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
                        environment_name ($tenant, $targetKey)
                    )
                  )
              )
              AND h.changed_at <= $asOf::timestamptz
              AND h.recorded_at <= $knownAt::timestamptz
            ORDER BY
              h.kind,
              h.key,
              h.revision DESC
          ) h
        WHERE
          h.hash IS NOT NULL
      ) target USING (kind, key)
    WHERE
      source.hash IS DISTINCT FROM target.hash
  ),
  page AS MATERIALIZED (
    SELECT
      differing.*,
      row_number() OVER (
        ORDER BY
          kind,
          key
      ) AS n
    FROM
      differing
    WHERE
      true
      AND (kind, key) > ($afterKind, $afterKey)
    ORDER BY
      kind,
      key
    LIMIT
      $limit::int + 1
  ),
  change AS MATERIALIZED (
    SELECT
      h.*,
      0 AS side
    FROM
      page
      CROSS JOIN LATERAL (
        SELECT
          h.*
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
                    environment_name ($tenant, $sourceKey)
                )
              )
          )
          AND h.changed_at <= $asOf::timestamptz
          AND h.recorded_at <= $knownAt::timestamptz
          AND h.kind = page.kind
          AND h.key = page.key
      ) h
    UNION ALL
    SELECT
      h.*,
      1 AS side
    FROM
      page
      CROSS JOIN LATERAL (
        SELECT
          h.*
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
                    environment_name ($tenant, $targetKey)
                )
              )
          )
          AND h.changed_at <= $asOf::timestamptz
          AND h.recorded_at <= $knownAt::timestamptz
          AND h.kind = page.kind
          AND h.key = page.key
      ) h
  ),
  instant AS (
    SELECT
      change.kind,
      change.key,
      change.changed_at,
      change.seq,
      change.revision,
      change.side,
      max(revision) FILTER (
        WHERE
          side = 0
      ) OVER until AS source_revision,
      max(revision) FILTER (
        WHERE
          side = 1
      ) OVER until AS target_revision
    FROM
      change
    WINDOW
      until AS (
        PARTITION BY
          change.kind,
          change.key
        ORDER BY
          change.changed_at
      )
  ),
  compared AS (
    SELECT
      instant.*,
      source.hash IS NOT DISTINCT FROM target.hash AS same
    FROM
      instant
      LEFT JOIN change source ON source.side = 0
      AND source.kind = instant.kind
      AND source.key = instant.key
      AND source.revision = instant.source_revision
      LEFT JOIN change target ON target.side = 1
      AND target.kind = instant.kind
      AND target.key = instant.key
      AND target.revision = instant.target_revision
  ),
  span AS (
    SELECT
      compared.*,
      max(changed_at) FILTER (
        WHERE
          same
      ) OVER (
        PARTITION BY
          kind,
          key
      ) AS last_same
    FROM
      compared
  ),
  cause AS (
    SELECT DISTINCT
      ON (kind, key) kind,
      key,
      side,
      revision,
      changed_at
    FROM
      span
    WHERE
      last_same IS NULL
      OR changed_at > last_same
    ORDER BY
      kind,
      key,
      changed_at,
      seq DESC
  )
SELECT
  (
    SELECT
      json_build_object('source', source, 'target', target, 'asOf', instant (as_of))
    FROM
      environments
  ) AS names,
  ARRAY(
    SELECT
      requested.name
    FROM
      unnest($requestedNames::text[], $requestedKeys::text[]) AS requested (name, key)
    WHERE
      NOT EXISTS (
        SELECT
        FROM
          environments ($tenant) known
        WHERE
          requested.key = ANY (known.words)
      )
      AND NOT EXISTS (
        SELECT
        FROM
          configuration_history h
        WHERE
          h.tenant = $tenant
          AND h.environment = requested.key
      )
  ) AS unknown,
  '[' || coalesce(
    (
      SELECT
        string_agg(
          concat(
            '{"kind":"',
            page.kind,
            '","key":',
            to_json(page.key),
            ',"state":"',
            page.state,
            '"',
            ',"sourceValue":' || page.source_value,
            ',"targetValue":' || page.target_value,
            ',"since":"',
            instant (h.changed_at),
            '","ageSeconds":',
            trim_scale(
              extract(
                epoch
                FROM
                  environments.as_of - h.changed_at
              )
            ),
            ',"cause":{"environment":',
            to_json(
              CASE h.side
                WHEN 0 THEN environments.source
                ELSE environments.target
              END
            ),
            ',"revision":',
            h.revision,
            ',"position":"',
            h.partition,
            ':',
            h.seq,
            '"',
            ',"by":' || to_json(h.changed_by)::text,
            ',"promotionId":"' || h.promotion_id || '"',
            '}}'
          ),
          ','
          ORDER BY
            page.n
        )
      FROM
        page
        JOIN cause USING (kind, key)
        JOIN change h USING (kind, key, side, revision)
        CROSS JOIN environments
      WHERE
        page.n <= $limit
    ),
    ''
  ) || ']' AS json,
  (
    SELECT
      json_build_array(kind, key)
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
