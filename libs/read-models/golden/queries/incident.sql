-- incident

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
          i.*
        FROM
          incident i
        WHERE
          i.tenant = $tenant
          AND i.incident_id = $id
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
