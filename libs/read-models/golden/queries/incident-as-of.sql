-- incident as of

SELECT
  (
    SELECT
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
      )::text
    FROM
      (
        SELECT
          i.tenant,
          i.incident_id,
          i.started_at,
          i.title,
          i.url,
          i.recorded_at,
          i.partition,
          i.log_order,
          CASE
            WHEN true
            AND i.resolved_at <= $asOf::timestamptz THEN i.resolved_at
          END AS resolved_at,
          CASE
            WHEN true THEN i.last_seq
            ELSE i.recorded_seq
          END AS last_seq,
          CASE
            WHEN true THEN i.version
            ELSE 1
          END AS version,
          i.application,
          i.environment,
          i.environment_name,
          (
            SELECT
              h.deployment_id
            FROM
              (
                -- planner: OFFSET 0 keeps the time out of the choice of the index.
                SELECT
                  h.*
                FROM
                  deployment_history h
                WHERE
                  h.tenant = i.tenant
                  AND h.deployment_id = i.deployment_id
                OFFSET
                  0
              ) h
            WHERE
              h.deployed_at <= $asOf::timestamptz
          ) AS deployment_id
        FROM
          incident i
        WHERE
          i.tenant = $tenant
          AND i.incident_id = $id
          AND i.started_at <= $asOf::timestamptz
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
  ) AS json,
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
