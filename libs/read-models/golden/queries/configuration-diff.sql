-- configuration diff

-- now
WITH
  key AS (
    SELECT
      coalesce(source.kind, target.kind) AS kind,
      coalesce(source.key, target.key) AS key,
      CASE
        WHEN target.hash IS NULL THEN 'added'
        WHEN source.hash IS NULL THEN 'removed'
        WHEN source.hash = target.hash THEN 'unchanged'
        ELSE 'modified'
      END AS state,
      CASE
        WHEN source.hash = target.hash
        OR source.hash IS NULL THEN NULL
        WHEN source.secret
        OR target.secret THEN '"********"'
        ELSE source.value::text
      END AS source_value,
      CASE
        WHEN source.hash = target.hash
        OR target.hash IS NULL THEN NULL
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
  ),
  differing AS (
    SELECT
      kind,
      state,
      '[' || string_agg(
        concat(
          '{"key":',
          to_json(key),
          CASE
            WHEN state = 'modified' THEN ',"sourceValue":' || source_value
          END,
          CASE
            WHEN state = 'modified' THEN ',"targetValue":' || target_value
          END,
          CASE
            WHEN state = 'added' THEN ',"value":' || source_value
          END,
          CASE
            WHEN state = 'removed' THEN ',"value":' || target_value
          END,
          '}'
        ),
        ','
        ORDER BY
          key
      ) || ']' AS json
    FROM
      key
    WHERE
      state <> 'unchanged'
    GROUP BY
      kind,
      state
  )
SELECT
  concat(
    '{"sourceEnvironment":',
    to_json($source::text),
    ',"targetEnvironment":',
    to_json($target::text),
    ',',
    '"added":',
    coalesce(
      (
        SELECT
          json
        FROM
          differing
        WHERE
          kind = 'configuration'
          AND state = 'added'
      ),
      '[]'
    ),
    ',"modified":',
    coalesce(
      (
        SELECT
          json
        FROM
          differing
        WHERE
          kind = 'configuration'
          AND state = 'modified'
      ),
      '[]'
    ),
    ',"removed":',
    coalesce(
      (
        SELECT
          json
        FROM
          differing
        WHERE
          kind = 'configuration'
          AND state = 'removed'
      ),
      '[]'
    ),
    ',"unchanged":',
    (
      SELECT
        count(*)
      FROM
        key
      WHERE
        kind = 'configuration'
        AND state = 'unchanged'
    ),
    ',"flags":{',
    '"added":',
    coalesce(
      (
        SELECT
          json
        FROM
          differing
        WHERE
          kind = 'flag'
          AND state = 'added'
      ),
      '[]'
    ),
    ',"modified":',
    coalesce(
      (
        SELECT
          json
        FROM
          differing
        WHERE
          kind = 'flag'
          AND state = 'modified'
      ),
      '[]'
    ),
    ',"removed":',
    coalesce(
      (
        SELECT
          json
        FROM
          differing
        WHERE
          kind = 'flag'
          AND state = 'removed'
      ),
      '[]'
    ),
    ',"unchanged":',
    (
      SELECT
        count(*)
      FROM
        key
      WHERE
        kind = 'flag'
        AND state = 'unchanged'
    ),
    '}',
    ',"asOf":"' || instant (NULL::timestamptz) || '"',
    '}'
  ) AS json,
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
WITH
  key AS (
    SELECT
      coalesce(source.kind, target.kind) AS kind,
      coalesce(source.key, target.key) AS key,
      CASE
        WHEN target.hash IS NULL THEN 'added'
        WHEN source.hash IS NULL THEN 'removed'
        WHEN source.hash = target.hash THEN 'unchanged'
        ELSE 'modified'
      END AS state,
      CASE
        WHEN source.hash = target.hash
        OR source.hash IS NULL THEN NULL
        WHEN source.secret
        OR target.secret THEN '"********"'
        ELSE source.value::text
      END AS source_value,
      CASE
        WHEN source.hash = target.hash
        OR target.hash IS NULL THEN NULL
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
  ),
  differing AS (
    SELECT
      kind,
      state,
      '[' || string_agg(
        concat(
          '{"key":',
          to_json(key),
          CASE
            WHEN state = 'modified' THEN ',"sourceValue":' || source_value
          END,
          CASE
            WHEN state = 'modified' THEN ',"targetValue":' || target_value
          END,
          CASE
            WHEN state = 'added' THEN ',"value":' || source_value
          END,
          CASE
            WHEN state = 'removed' THEN ',"value":' || target_value
          END,
          '}'
        ),
        ','
        ORDER BY
          key
      ) || ']' AS json
    FROM
      key
    WHERE
      state <> 'unchanged'
    GROUP BY
      kind,
      state
  )
SELECT
  concat(
    '{"sourceEnvironment":',
    to_json($source::text),
    ',"targetEnvironment":',
    to_json($target::text),
    ',',
    '"added":',
    coalesce(
      (
        SELECT
          json
        FROM
          differing
        WHERE
          kind = 'configuration'
          AND state = 'added'
      ),
      '[]'
    ),
    ',"modified":',
    coalesce(
      (
        SELECT
          json
        FROM
          differing
        WHERE
          kind = 'configuration'
          AND state = 'modified'
      ),
      '[]'
    ),
    ',"removed":',
    coalesce(
      (
        SELECT
          json
        FROM
          differing
        WHERE
          kind = 'configuration'
          AND state = 'removed'
      ),
      '[]'
    ),
    ',"unchanged":',
    (
      SELECT
        count(*)
      FROM
        key
      WHERE
        kind = 'configuration'
        AND state = 'unchanged'
    ),
    ',"flags":{',
    '"added":',
    coalesce(
      (
        SELECT
          json
        FROM
          differing
        WHERE
          kind = 'flag'
          AND state = 'added'
      ),
      '[]'
    ),
    ',"modified":',
    coalesce(
      (
        SELECT
          json
        FROM
          differing
        WHERE
          kind = 'flag'
          AND state = 'modified'
      ),
      '[]'
    ),
    ',"removed":',
    coalesce(
      (
        SELECT
          json
        FROM
          differing
        WHERE
          kind = 'flag'
          AND state = 'removed'
      ),
      '[]'
    ),
    ',"unchanged":',
    (
      SELECT
        count(*)
      FROM
        key
      WHERE
        kind = 'flag'
        AND state = 'unchanged'
    ),
    '}',
    ',"asOf":"' || instant ($asOf::timestamptz) || '"',
    '}'
  ) AS json,
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
