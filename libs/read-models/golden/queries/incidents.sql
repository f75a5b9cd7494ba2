-- incidents

-- no filter
WITH
  page AS MATERIALIZED (
    SELECT
      i.*,
      row_number() OVER () AS n
    FROM
      (
        SELECT
          i.*
        FROM
          (
            SELECT
              i.*
            FROM
              incident i
            WHERE
              i.tenant = $tenant
              AND (
                i.named_deployment_id IS NULL
                OR NOT EXISTS (
                  SELECT
                  FROM
                    deployment_voided v
                  WHERE
                    v.tenant = i.tenant
                    AND v.deployment_id = i.named_deployment_id
                    AND (
                      i.named_application IS NULL
                      OR v.application = i.named_application
                    )
                    AND (
                      i.named_environment IS NULL
                      OR v.environment_name = i.environment_name
                    )
                )
              )
          ) i
        ORDER BY
          i.started_at DESC,
          i.log_order DESC
        LIMIT
          51
      ) i
  )
SELECT
  '[' || coalesce(
    (
      SELECT
        string_agg(
          json_strip_nulls(
            json_build_object(
              'id',
              i.incident_id,
              'application',
              i.application,
              'environment',
              i.environment,
              'deploymentId',
              i.deployment_id,
              'startedAt',
              instant (i.started_at),
              'resolvedAt',
              instant (i.resolved_at),
              'title',
              i.title,
              'url',
              i.url,
              'recordedAt',
              instant (i.recorded_at),
              'position',
              i.partition || ':' || i.last_seq,
              'version',
              i.version
            )
          )::text,
          ','
          ORDER BY
            i.n
        )
      FROM
        page i
      WHERE
        i.n <= $limit
    ),
    ''
  ) || ']' AS json,
  (
    SELECT
      json_build_array(instant (started_at), log_order::text)
    FROM
      page
    WHERE
      n = $limit
      AND EXISTS (
        SELECT
        FROM
          page
        WHERE
          n > $limit
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

-- all filters, from a cursor
WITH
  page AS MATERIALIZED (
    SELECT
      i.*,
      row_number() OVER () AS n
    FROM
      (
        SELECT
          i.*
        FROM
          (
            SELECT
              i.*
            FROM
              incident i
            WHERE
              i.tenant = $tenant
              AND i.application = $application
              AND i.environment_name = (
                SELECT
                  environment_name ($tenant, $environment)
              )
              AND i.started_at >= $from::timestamptz
              AND i.started_at < $to::timestamptz
              AND (i.started_at, i.log_order) < ($lastStartedAt::timestamptz, $lastLogOrder::bigint)
              AND i.resolved_at IS NULL
              AND (
                i.named_deployment_id IS NULL
                OR NOT EXISTS (
                  SELECT
                  FROM
                    deployment_voided v
                  WHERE
                    v.tenant = i.tenant
                    AND v.deployment_id = i.named_deployment_id
                    AND (
                      i.named_application IS NULL
                      OR v.application = i.named_application
                    )
                    AND (
                      i.named_environment IS NULL
                      OR v.environment_name = i.environment_name
                    )
                )
              )
          ) i
        ORDER BY
          i.started_at DESC,
          i.log_order DESC
        LIMIT
          51
      ) i
  )
SELECT
  '[' || coalesce(
    (
      SELECT
        string_agg(
          json_strip_nulls(
            json_build_object(
              'id',
              i.incident_id,
              'application',
              i.application,
              'environment',
              i.environment,
              'deploymentId',
              i.deployment_id,
              'startedAt',
              instant (i.started_at),
              'resolvedAt',
              instant (i.resolved_at),
              'title',
              i.title,
              'url',
              i.url,
              'recordedAt',
              instant (i.recorded_at),
              'position',
              i.partition || ':' || i.last_seq,
              'version',
              i.version
            )
          )::text,
          ','
          ORDER BY
            i.n
        )
      FROM
        page i
      WHERE
        i.n <= $limit
    ),
    ''
  ) || ']' AS json,
  (
    SELECT
      json_build_array(instant (started_at), log_order::text)
    FROM
      page
    WHERE
      n = $limit
      AND EXISTS (
        SELECT
        FROM
          page
        WHERE
          n > $limit
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
