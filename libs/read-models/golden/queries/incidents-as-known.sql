-- incidents as known

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
              i.tenant,
              i.incident_id,
              i.started_at,
              i.title,
              i.url,
              i.recorded_at,
              i.partition,
              i.log_order,
              CASE
                WHEN i.resolution_known_from <= $knownAt::timestamptz THEN i.resolved_at
              END AS resolved_at,
              CASE
                WHEN i.resolution_known_from <= $knownAt::timestamptz THEN i.last_seq
                ELSE i.recorded_seq
              END AS last_seq,
              CASE
                WHEN i.resolution_known_from <= $knownAt::timestamptz THEN i.version
                ELSE 1
              END AS version,
              CASE
                WHEN true THEN owner.deployment_id
              END AS deployment_id,
              coalesce(i.named_application, owner.application) AS application,
              coalesce(i.named_environment, owner.environment) AS environment,
              CASE
                WHEN i.named_environment IS NULL THEN owner.environment_name
                ELSE i.environment_name
              END AS environment_name
            FROM
              incident i
              LEFT JOIN LATERAL (
                SELECT
                  h.deployment_id,
                  h.application,
                  h.environment,
                  h.environment_name,
                  h.deployed_at
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
                      h.status,
                      h.deployed_at,
                      h.completed_at,
                      h.rolled_back_at,
                      h.rollback_reason,
                      h.rollback_of,
                      h.removed_at,
                      h.failure_reason,
                      h.actor,
                      h.pipeline,
                      h.commits,
                      h.notes,
                      h.migrations,
                      h.unplanned,
                      h.labels,
                      h.during_freeze,
                      h.environment_name,
                      h.succeeded,
                      h.finished_at,
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
                      (
                        SELECT
                          tenant,
                          deployment_id,
                          application,
                          environment,
                          image_tag,
                          image,
                          git_commit,
                          git_branch,
                          status,
                          deployed_at,
                          completed_at,
                          rolled_back_at,
                          rollback_reason,
                          rollback_of,
                          removed_at,
                          failure_reason,
                          actor,
                          pipeline,
                          commits,
                          notes,
                          migrations,
                          unplanned,
                          labels,
                          during_freeze,
                          environment_name,
                          succeeded,
                          finished_at,
                          correlation_id,
                          recorded_at,
                          partition,
                          recorded_seq,
                          log_order,
                          last_seq,
                          version,
                          recorded_bytes,
                          known_from,
                          'infinity'::timestamptz(3) AS known_until
                        FROM
                          deployment_history
                        UNION ALL
                        SELECT
                          tenant,
                          deployment_id,
                          application,
                          environment,
                          image_tag,
                          image,
                          git_commit,
                          git_branch,
                          status,
                          deployed_at,
                          completed_at,
                          rolled_back_at,
                          rollback_reason,
                          rollback_of,
                          removed_at,
                          failure_reason,
                          actor,
                          pipeline,
                          commits,
                          notes,
                          migrations,
                          unplanned,
                          labels,
                          during_freeze,
                          environment_name,
                          succeeded,
                          finished_at,
                          correlation_id,
                          recorded_at,
                          partition,
                          recorded_seq,
                          log_order,
                          last_seq,
                          version,
                          recorded_bytes,
                          known_from,
                          known_until
                        FROM
                          deployment_superseded
                      ) h
                    WHERE
                      true
                      AND h.deployed_at <= $knownAt::timestamptz + interval '24 hours'
                      AND h.known_from <= $knownAt::timestamptz
                      AND h.known_until > $knownAt::timestamptz
                  ) h
                WHERE
                  i.named_deployment_id IS NOT NULL
                  AND h.tenant = i.tenant
                  AND h.deployment_id = i.named_deployment_id
                  AND (
                    i.named_application IS NULL
                    OR h.application = i.named_application
                  )
                  AND (
                    i.named_environment IS NULL
                    OR h.environment_name = i.environment_name
                  )
                UNION ALL
                SELECT
                  *
                FROM
                  (
                    SELECT
                      latest.deployment_id,
                      latest.application,
                      latest.environment,
                      latest.environment_name,
                      latest.deployed_at
                    FROM
                      (
                        SELECT
                          h.deployment_id,
                          h.application,
                          h.environment,
                          h.environment_name,
                          h.deployed_at,
                          h.removed_at
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
                              h.status,
                              h.deployed_at,
                              h.completed_at,
                              h.rolled_back_at,
                              h.rollback_reason,
                              h.rollback_of,
                              h.removed_at,
                              h.failure_reason,
                              h.actor,
                              h.pipeline,
                              h.commits,
                              h.notes,
                              h.migrations,
                              h.unplanned,
                              h.labels,
                              h.during_freeze,
                              h.environment_name,
                              h.succeeded,
                              h.finished_at,
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
                              (
                                SELECT
                                  tenant,
                                  deployment_id,
                                  application,
                                  environment,
                                  image_tag,
                                  image,
                                  git_commit,
                                  git_branch,
                                  status,
                                  deployed_at,
                                  completed_at,
                                  rolled_back_at,
                                  rollback_reason,
                                  rollback_of,
                                  removed_at,
                                  failure_reason,
                                  actor,
                                  pipeline,
                                  commits,
                                  notes,
                                  migrations,
                                  unplanned,
                                  labels,
                                  during_freeze,
                                  environment_name,
                                  succeeded,
                                  finished_at,
                                  correlation_id,
                                  recorded_at,
                                  partition,
                                  recorded_seq,
                                  log_order,
                                  last_seq,
                                  version,
                                  recorded_bytes,
                                  known_from,
                                  'infinity'::timestamptz(3) AS known_until
                                FROM
                                  deployment_history
                                UNION ALL
                                SELECT
                                  tenant,
                                  deployment_id,
                                  application,
                                  environment,
                                  image_tag,
                                  image,
                                  git_commit,
                                  git_branch,
                                  status,
                                  deployed_at,
                                  completed_at,
                                  rolled_back_at,
                                  rollback_reason,
                                  rollback_of,
                                  removed_at,
                                  failure_reason,
                                  actor,
                                  pipeline,
                                  commits,
                                  notes,
                                  migrations,
                                  unplanned,
                                  labels,
                                  during_freeze,
                                  environment_name,
                                  succeeded,
                                  finished_at,
                                  correlation_id,
                                  recorded_at,
                                  partition,
                                  recorded_seq,
                                  log_order,
                                  last_seq,
                                  version,
                                  recorded_bytes,
                                  known_from,
                                  known_until
                                FROM
                                  deployment_superseded
                              ) h
                            WHERE
                              true
                              AND h.deployed_at <= $knownAt::timestamptz + interval '24 hours'
                              AND h.known_from <= $knownAt::timestamptz
                              AND h.known_until > $knownAt::timestamptz
                          ) h
                        WHERE
                          h.tenant = i.tenant
                          AND h.application = i.application
                          AND h.environment_name = i.environment_name
                          AND h.deployed_at <= i.started_at
                          AND h.succeeded
                          AND h.finished_at <= i.started_at
                          AND (
                            h.status = 'DEPLOYED'
                            OR h.rolled_back_at > i.started_at
                          )
                        ORDER BY
                          h.deployed_at DESC,
                          h.log_order DESC
                        LIMIT
                          1
                      ) latest
                    WHERE
                      latest.removed_at IS NULL
                      OR latest.removed_at > i.started_at
                  ) active
                WHERE
                  i.named_deployment_id IS NULL
              ) owner ON true
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
              AND i.recorded_at <= $knownAt::timestamptz
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
                    AND v.known_from <= $knownAt::timestamptz
                )
              )
          ) i
        WHERE
          i.application = $application
          AND i.environment_name = (
            SELECT
              environment_name ($tenant, $environment)
          )
          AND i.resolved_at IS NULL
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
