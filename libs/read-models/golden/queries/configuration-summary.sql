-- configuration summary

-- now
WITH
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
      *
    FROM
      differing
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
  ),
  count AS (
    SELECT
      kind,
      count(*) FILTER (
        WHERE
          state = 'added'
      ) AS added,
      count(*) FILTER (
        WHERE
          state = 'modified'
      ) AS modified,
      count(*) FILTER (
        WHERE
          state = 'removed'
      ) AS removed
    FROM
      differing
    GROUP BY
      kind
  ),
  unchanged AS (
    SELECT
      kind,
      count(*) AS unchanged
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
      JOIN (
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
      source.hash = target.hash
    GROUP BY
      kind
  ),
  oldest AS (
    SELECT DISTINCT
      ON (kind) kind,
      key,
      changed_at
    FROM
      cause
    ORDER BY
      kind,
      changed_at,
      key
  )
SELECT
  kind,
  coalesce(added, 0)::int AS added,
  coalesce(modified, 0)::int AS modified,
  coalesce(removed, 0)::int AS removed,
  coalesce(unchanged, 0)::int AS unchanged,
  oldest.key,
  instant (oldest.changed_at) AS since,
  milliseconds (oldest.changed_at) AS since_at
FROM
  (
    VALUES
      ('configuration'),
      ('flag')
  ) AS known (kind)
  LEFT JOIN count USING (kind)
  LEFT JOIN unchanged USING (kind)
  LEFT JOIN oldest USING (kind)

-- as of and as known
WITH
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
      *
    FROM
      differing
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
  ),
  count AS (
    SELECT
      kind,
      count(*) FILTER (
        WHERE
          state = 'added'
      ) AS added,
      count(*) FILTER (
        WHERE
          state = 'modified'
      ) AS modified,
      count(*) FILTER (
        WHERE
          state = 'removed'
      ) AS removed
    FROM
      differing
    GROUP BY
      kind
  ),
  unchanged AS (
    SELECT
      kind,
      count(*) AS unchanged
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
      JOIN (
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
      source.hash = target.hash
    GROUP BY
      kind
  ),
  oldest AS (
    SELECT DISTINCT
      ON (kind) kind,
      key,
      changed_at
    FROM
      cause
    ORDER BY
      kind,
      changed_at,
      key
  )
SELECT
  kind,
  coalesce(added, 0)::int AS added,
  coalesce(modified, 0)::int AS modified,
  coalesce(removed, 0)::int AS removed,
  coalesce(unchanged, 0)::int AS unchanged,
  oldest.key,
  instant (oldest.changed_at) AS since,
  milliseconds (oldest.changed_at) AS since_at
FROM
  (
    VALUES
      ('configuration'),
      ('flag')
  ) AS known (kind)
  LEFT JOIN count USING (kind)
  LEFT JOIN unchanged USING (kind)
  LEFT JOIN oldest USING (kind)
