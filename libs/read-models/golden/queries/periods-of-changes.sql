-- periods of changes

-- deployments
WITH
  requested AS MATERIALIZED (
    SELECT
      ARRAY[
        (
          SELECT
            coalesce(
              environment_name ($tenant, $environment::text),
              (
                SELECT
                  name
                FROM
                  environments ($tenant)
                ORDER BY
                  rank DESC
                LIMIT
                  1
              )
            )
        )
      ] AS names
  ),
  span AS MATERIALIZED (
    SELECT
      greatest(
        least(
          (
            SELECT
              min(first.at)
            FROM
              unnest(
                (
                  SELECT
                    names
                  FROM
                    requested
                )
              ) AS wanted_environment (name)
              CROSS JOIN LATERAL (
                SELECT
                  min(h.deployed_at) AS at
                FROM
                  deployment_history h
                WHERE
                  h.tenant = $tenant
                  AND h.environment_name = wanted_environment.name
                  AND h.application = $application
              ) first
          ),
          (
            SELECT
              min(first.at)
            FROM
              unnest(
                (
                  SELECT
                    names
                  FROM
                    requested
                )
              ) AS wanted_environment (name)
              CROSS JOIN LATERAL (
                SELECT
                  min(h.deployed_at) AS at
                FROM
                  deployment_superseded h
                WHERE
                  h.tenant = $tenant
                  AND h.environment_name = wanted_environment.name
                  AND h.application = $application
              ) first
          )
        ),
        statement_timestamp() - interval '10000 days'
      ) AS since_first
  ),
  period AS MATERIALIZED (
    SELECT
      start,
      until
    FROM
      span
      CROSS JOIN LATERAL (
        SELECT
          start,
          until
        FROM
          (
            SELECT
              start,
              lead(start) OVER (
                ORDER BY
                  start
              ) AS until
            FROM
              (
                SELECT DISTINCT
                  CASE
                    WHEN earlier < at
                    AND earlier AT TIME ZONE $timezone::text = local THEN earlier
                    ELSE at
                  END AS start
                FROM
                  generate_series(
                    least(
                      date_trunc('day', since_first::timestamptz AT TIME ZONE $timezone::text),
                      date_trunc('day', (statement_timestamp()::timestamptz - interval '1 millisecond') AT TIME ZONE $timezone::text)
                    ),
                    greatest(
                      date_trunc('day', since_first::timestamptz AT TIME ZONE $timezone::text),
                      date_trunc('day', (statement_timestamp()::timestamptz - interval '1 millisecond') AT TIME ZONE $timezone::text)
                    ) + interval '1 day',
                    interval '1 day'
                  ) AS local
                  CROSS JOIN LATERAL (
                    SELECT
                      local AT TIME ZONE $timezone::text AS at
                  ) once
                  CROSS JOIN LATERAL (
                    SELECT
                      (local - (before AT TIME ZONE $timezone::text - before AT TIME ZONE 'UTC')) AT TIME ZONE 'UTC' AS earlier
                    FROM
                      (
                        SELECT
                          at - interval '24 hours' AS before
                      ) day_before
                  ) twice
              ) starts
          ) bounds
        WHERE
          until IS NOT NULL
      ) bucket
    WHERE
      until <= statement_timestamp()
      AND start >= coalesce($from::timestamptz, '-infinity')
  )
SELECT
  (
    SELECT
      names
    FROM
      requested
  ) AS environments,
  (
    SELECT
      name
    FROM
      environments ($tenant)
    ORDER BY
      rank
    LIMIT
      1
  ) AS origin,
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
  ) AS positions,
  coalesce(
    (
      SELECT
        json_agg(
          json_build_object(
            'start',
            instant (start),
            'end',
            instant (until),
            'startMs',
            extract(
              epoch
              FROM
                start
            )::float8 * 1000,
            'endMs',
            extract(
              epoch
              FROM
                until
            )::float8 * 1000,
            'knownMs',
            extract(
              epoch
              FROM
                greatest(until, $since::timestamptz)
            )::float8 * 1000
          )
          ORDER BY
            start
        )
      FROM
        period
    ),
    '[]'
  ) AS periods

-- deployments, several values and labels
WITH
  requested AS MATERIALIZED (
    SELECT
      (
        SELECT
          array_agg(DISTINCT environment_name ($tenant, key) COLLATE "C")
        FROM
          unnest($environments::text[]) key
      ) AS names
  ),
  span AS MATERIALIZED (
    SELECT
      greatest(
        least(
          (
            SELECT
              min(first.at)
            FROM
              unnest(
                (
                  SELECT
                    names
                  FROM
                    requested
                )
              ) AS wanted_environment (name)
              CROSS JOIN unnest($applications::text[]) AS wanted_application (name)
              CROSS JOIN LATERAL (
                SELECT
                  min(h.deployed_at) AS at
                FROM
                  deployment_history h
                WHERE
                  h.tenant = $tenant
                  AND h.environment_name = wanted_environment.name
                  AND h.application = wanted_application.name
              ) first
          ),
          (
            SELECT
              min(first.at)
            FROM
              unnest(
                (
                  SELECT
                    names
                  FROM
                    requested
                )
              ) AS wanted_environment (name)
              CROSS JOIN unnest($applications::text[]) AS wanted_application (name)
              CROSS JOIN LATERAL (
                SELECT
                  min(h.deployed_at) AS at
                FROM
                  deployment_superseded h
                WHERE
                  h.tenant = $tenant
                  AND h.environment_name = wanted_environment.name
                  AND h.application = wanted_application.name
              ) first
          )
        ),
        statement_timestamp() - interval '10000 days'
      ) AS since_first
  ),
  period AS MATERIALIZED (
    SELECT
      start,
      until
    FROM
      span
      CROSS JOIN LATERAL (
        SELECT
          start,
          until
        FROM
          (
            SELECT
              start,
              lead(start) OVER (
                ORDER BY
                  start
              ) AS until
            FROM
              (
                SELECT DISTINCT
                  CASE
                    WHEN earlier < at
                    AND earlier AT TIME ZONE $timezone::text = local THEN earlier
                    ELSE at
                  END AS start
                FROM
                  generate_series(
                    least(
                      date_trunc('day', since_first::timestamptz AT TIME ZONE $timezone::text),
                      date_trunc('day', (statement_timestamp()::timestamptz - interval '1 millisecond') AT TIME ZONE $timezone::text)
                    ),
                    greatest(
                      date_trunc('day', since_first::timestamptz AT TIME ZONE $timezone::text),
                      date_trunc('day', (statement_timestamp()::timestamptz - interval '1 millisecond') AT TIME ZONE $timezone::text)
                    ) + interval '1 day',
                    interval '1 day'
                  ) AS local
                  CROSS JOIN LATERAL (
                    SELECT
                      local AT TIME ZONE $timezone::text AS at
                  ) once
                  CROSS JOIN LATERAL (
                    SELECT
                      (local - (before AT TIME ZONE $timezone::text - before AT TIME ZONE 'UTC')) AT TIME ZONE 'UTC' AS earlier
                    FROM
                      (
                        SELECT
                          at - interval '24 hours' AS before
                      ) day_before
                  ) twice
              ) starts
          ) bounds
        WHERE
          until IS NOT NULL
      ) bucket
    WHERE
      until <= statement_timestamp()
      AND start >= coalesce($from::timestamptz, '-infinity')
  )
SELECT
  (
    SELECT
      names
    FROM
      requested
  ) AS environments,
  (
    SELECT
      name
    FROM
      environments ($tenant)
    ORDER BY
      rank
    LIMIT
      1
  ) AS origin,
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
  ) AS positions,
  coalesce(
    (
      SELECT
        json_agg(
          json_build_object(
            'start',
            instant (start),
            'end',
            instant (until),
            'startMs',
            extract(
              epoch
              FROM
                start
            )::float8 * 1000,
            'endMs',
            extract(
              epoch
              FROM
                until
            )::float8 * 1000,
            'knownMs',
            extract(
              epoch
              FROM
                greatest(until, $since::timestamptz)
            )::float8 * 1000
          )
          ORDER BY
            start
        )
      FROM
        period
    ),
    '[]'
  ) AS periods

-- deploymentFrequency
WITH
  requested AS MATERIALIZED (
    SELECT
      ARRAY[
        (
          SELECT
            coalesce(
              environment_name ($tenant, $environment::text),
              (
                SELECT
                  name
                FROM
                  environments ($tenant)
                ORDER BY
                  rank DESC
                LIMIT
                  1
              )
            )
        )
      ] AS names
  ),
  span AS MATERIALIZED (
    SELECT
      greatest(
        least(
          (
            SELECT
              min(first.at)
            FROM
              unnest(
                (
                  SELECT
                    names
                  FROM
                    requested
                )
              ) AS wanted_environment (name)
              CROSS JOIN LATERAL (
                SELECT
                  min(h.deployed_at) AS at
                FROM
                  deployment_history h
                WHERE
                  h.tenant = $tenant
                  AND h.environment_name = wanted_environment.name
              ) first
          ),
          (
            SELECT
              min(first.at)
            FROM
              unnest(
                (
                  SELECT
                    names
                  FROM
                    requested
                )
              ) AS wanted_environment (name)
              CROSS JOIN LATERAL (
                SELECT
                  min(h.deployed_at) AS at
                FROM
                  deployment_superseded h
                WHERE
                  h.tenant = $tenant
                  AND h.environment_name = wanted_environment.name
              ) first
          )
        ),
        statement_timestamp() - interval '10000 days'
      ) AS since_first
  ),
  period AS MATERIALIZED (
    SELECT
      start,
      until
    FROM
      span
      CROSS JOIN LATERAL (
        SELECT
          start,
          until
        FROM
          (
            SELECT
              start,
              lead(start) OVER (
                ORDER BY
                  start
              ) AS until
            FROM
              (
                SELECT DISTINCT
                  CASE
                    WHEN earlier < at
                    AND earlier AT TIME ZONE $timezone::text = local THEN earlier
                    ELSE at
                  END AS start
                FROM
                  generate_series(
                    least(
                      date_trunc('day', since_first::timestamptz AT TIME ZONE $timezone::text),
                      date_trunc('day', (statement_timestamp()::timestamptz - interval '1 millisecond') AT TIME ZONE $timezone::text)
                    ),
                    greatest(
                      date_trunc('day', since_first::timestamptz AT TIME ZONE $timezone::text),
                      date_trunc('day', (statement_timestamp()::timestamptz - interval '1 millisecond') AT TIME ZONE $timezone::text)
                    ) + interval '1 day',
                    interval '1 day'
                  ) AS local
                  CROSS JOIN LATERAL (
                    SELECT
                      local AT TIME ZONE $timezone::text AS at
                  ) once
                  CROSS JOIN LATERAL (
                    SELECT
                      (local - (before AT TIME ZONE $timezone::text - before AT TIME ZONE 'UTC')) AT TIME ZONE 'UTC' AS earlier
                    FROM
                      (
                        SELECT
                          at - interval '24 hours' AS before
                      ) day_before
                  ) twice
              ) starts
          ) bounds
        WHERE
          until IS NOT NULL
      ) bucket
    WHERE
      until <= statement_timestamp()
      AND start >= coalesce($from::timestamptz, '-infinity')
  )
SELECT
  (
    SELECT
      names
    FROM
      requested
  ) AS environments,
  (
    SELECT
      name
    FROM
      environments ($tenant)
    ORDER BY
      rank
    LIMIT
      1
  ) AS origin,
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
  ) AS positions,
  coalesce(
    (
      SELECT
        json_agg(
          json_build_object(
            'start',
            instant (start),
            'end',
            instant (until),
            'startMs',
            extract(
              epoch
              FROM
                start
            )::float8 * 1000,
            'endMs',
            extract(
              epoch
              FROM
                until
            )::float8 * 1000,
            'knownMs',
            extract(
              epoch
              FROM
                greatest(until, $since::timestamptz)
            )::float8 * 1000
          )
          ORDER BY
            start
        )
      FROM
        period
    ),
    '[]'
  ) AS periods
