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
