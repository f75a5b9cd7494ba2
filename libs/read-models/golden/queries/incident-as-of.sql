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
          owner.deployment_id,
          i.application,
          i.environment,
          i.environment_name
        FROM
          incident i
          LEFT JOIN LATERAL (
            SELECT
              h.deployment_id,
              h.application,
              h.environment,
              h.environment_name
            FROM
              (
                SELECT
                  h.tenant,
                  h.deployment_id,
                  h.application,
                  h.environment,
                  h.image_tag,
                  h.image,
                  h.git_commit,
                  h.git_branch,
                  CASE
                    WHEN NOT h.finished_at <= $asOf::timestamptz THEN 'PENDING'
                    WHEN NOT coalesce(h.rolled_back_at > $asOf::timestamptz, false) THEN h.status
                    WHEN h.succeeded THEN 'DEPLOYED'
                    ELSE (
                      SELECT
                        coalesce(
                          e.data ->> 'status',
                          (
                            SELECT
                              c ->> 'after'
                            FROM
                              json_array_elements(e.data -> 'corrections') c
                            WHERE
                              c ->> 'field' = 'status'
                          )
                        )
                      FROM
                        deployment_event e
                      WHERE
                        e.tenant = h.tenant
                        AND e.deployment_id = h.deployment_id
                        AND e.version <= h.version
                        AND (
                          e.data ->> 'status' IS NOT NULL
                          OR EXISTS (
                            SELECT
                              c ->> 'after'
                            FROM
                              json_array_elements(e.data -> 'corrections') c
                            WHERE
                              c ->> 'field' = 'status'
                          )
                        )
                      ORDER BY
                        e.version DESC
                      LIMIT
                        1
                    )
                  END AS status,
                  h.deployed_at,
                  CASE
                    WHEN h.finished_at <= $asOf::timestamptz THEN h.completed_at
                  END AS completed_at,
                  CASE
                    WHEN h.finished_at <= $asOf::timestamptz
                    AND NOT coalesce(h.rolled_back_at > $asOf::timestamptz, false) THEN h.rolled_back_at
                  END AS rolled_back_at,
                  CASE
                    WHEN h.finished_at <= $asOf::timestamptz
                    AND NOT coalesce(h.rolled_back_at > $asOf::timestamptz, false) THEN h.rollback_reason
                  END AS rollback_reason,
                  h.rollback_of,
                  CASE
                    WHEN h.finished_at <= $asOf::timestamptz THEN h.failure_reason
                  END AS failure_reason,
                  h.actor,
                  h.pipeline,
                  h.commits,
                  h.notes,
                  h.migrations,
                  h.unplanned,
                  h.labels,
                  h.during_freeze,
                  h.environment_name,
                  h.succeeded
                  AND h.finished_at <= $asOf::timestamptz AS succeeded,
                  CASE
                    WHEN h.finished_at <= $asOf::timestamptz THEN h.finished_at
                    ELSE h.deployed_at
                  END AS finished_at,
                  h.correlation_id,
                  h.recorded_at,
                  h.partition,
                  h.recorded_seq,
                  h.log_order,
                  h.last_seq,
                  h.version,
                  h.recorded_bytes,
                  h.known_from,
                  h.finished_at AS reported_finish
                FROM
                  deployment_history h
                WHERE
                  true
                  AND h.deployed_at <= $asOf::timestamptz
              ) h
            WHERE
              h.tenant = i.tenant
              AND h.deployment_id = i.deployment_id
          ) owner ON true
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
