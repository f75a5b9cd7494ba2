-- deployment as of

SELECT
  (
    SELECT
      concat(
        '{"id":"',
        h.deployment_id,
        '"',
        ',"application":' || to_json(h.application)::text,
        ',"environment":' || to_json(h.environment)::text,
        ',"imageTag":' || to_json(h.image_tag)::text,
        ',"image":' || to_json(h.image)::text,
        ',"gitCommit":' || to_json(h.git_commit)::text,
        ',"gitBranch":' || to_json(h.git_branch)::text,
        ',"status":' || '"' || h.status || '"',
        ',"active":' || (current.deployment_id IS NOT NULL)::text,
        ',"deployedAt":' || '"' || instant (h.deployed_at) || '"',
        ',"completedAt":' || '"' || instant (h.completed_at) || '"',
        ',"durationSeconds":' || (
          trim_scale(
            extract(
              epoch
              FROM
                h.completed_at - h.deployed_at
            )
          )
        )::text,
        ',"rolledBackAt":' || '"' || instant (h.rolled_back_at) || '"',
        ',"rollbackReason":' || to_json(h.rollback_reason)::text,
        ',"rollbackOf":' || '"' || coalesce(h.rollback_of, undone.deployment_id) || '"',
        ',"rollbackDetected":' || '"' || CASE
          WHEN h.rollback_of IS NOT NULL THEN 'reported'
          WHEN undone.deployment_id IS NOT NULL THEN 'inferred'
        END || '"',
        ',"rollbackIgnored":' || to_json(
          CASE
            WHEN h.rollback_of IS NULL THEN NULL
            WHEN h.rollback_of = h.deployment_id THEN 'It names itself.'
            WHEN NOT h.succeeded
            AND h.status <> 'PENDING' THEN 'It did not succeed: only a success undoes another deployment.'
            ELSE (
              SELECT
                CASE
                  WHEN (named.application, named.environment_name) <> (h.application, h.environment_name) THEN 'The deployment that it names is of application ' || named.application || ' in environment ' || named.environment || '.'
                  WHEN named.status = 'CANCELLED' THEN 'The deployment that it names is CANCELLED: it never ran.'
                END
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
                      WHEN h.removed_at <= $asOf::timestamptz THEN h.removed_at
                    END AS removed_at,
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
                ) named
              WHERE
                named.tenant = h.tenant
                AND named.deployment_id = h.rollback_of
            )
          END
        )::text,
        ',"removedAt":' || '"' || instant (h.removed_at) || '"',
        ',"failureReason":' || to_json(h.failure_reason)::text,
        ',"incidents":' || (
          SELECT
            '[' || string_agg(
              json_strip_nulls(
                json_build_object(
                  'id',
                  i.incident_id,
                  'startedAt',
                  instant (i.started_at),
                  'resolvedAt',
                  instant (i.resolved_at),
                  'title',
                  i.title,
                  'url',
                  i.url
                )
              )::text,
              ','
              ORDER BY
                i.started_at DESC,
                i.log_order DESC
            ) || ']'
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
                END AS version
              FROM
                incident i
              WHERE
                (i.deployment_id, i.tenant) >= (h.deployment_id, h.tenant)
                AND (i.deployment_id, i.tenant, i.started_at) <= (h.deployment_id, h.tenant, $asOf::timestamptz)
                AND i.deployment_id IS NOT NULL
              ORDER BY
                i.deployment_id DESC,
                i.tenant DESC,
                i.started_at DESC,
                i.log_order DESC
              LIMIT
                20
            ) i
        ),
        ',"actor":' || to_json(h.actor)::text,
        ',"pipeline":' || (h.pipeline)::text,
        ',"commits":' || (h.commits)::text,
        ',"notes":' || to_json(h.notes)::text,
        ',"migrations":' || (h.migrations)::text,
        ',"unplanned":' || (h.unplanned)::text,
        ',"labels":' || (h.labels)::text,
        ',"duringFreeze":' || to_json(h.during_freeze)::text,
        ',"overtakenBy":' || '"' || overtaking.deployment_id || '"',
        ',"contestedBy":' || '"' || contesting.deployment_id || '"',
        ',"recordedAt":' || '"' || instant (h.recorded_at) || '"',
        ',"position":' || '"' || h.partition || ':' || h.last_seq || '"',
        ',"version":' || (h.version)::text,
        '}'
      )
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
            WHEN h.removed_at <= $asOf::timestamptz THEN h.removed_at
          END AS removed_at,
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
      LEFT JOIN LATERAL (
        SELECT
          active.deployment_id
        FROM
          (
            SELECT
              CASE
                WHEN NOT past.removed THEN past.deployment_id
              END AS deployment_id
            FROM
              deployment_interval past
            WHERE
              past.tenant = h.tenant
              AND past.application = h.application
              AND past.environment_name = h.environment_name
              AND past.from_at <= $asOf::timestamptz
              AND h.status = 'DEPLOYED'
            ORDER BY
              past.from_at DESC
            LIMIT
              1
          ) active
        WHERE
          active.deployment_id = h.deployment_id
      ) current ON true
      LEFT JOIN LATERAL (
        SELECT
          later.deployment_id
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
                WHEN h.removed_at <= $asOf::timestamptz THEN h.removed_at
              END AS removed_at,
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
          ) later
        WHERE
          h.succeeded
          AND h.finished_at > h.deployed_at
          AND (later.tenant, later.application, later.environment_name, later.deployed_at) > (h.tenant, h.application, h.environment_name, h.deployed_at)
          AND (later.tenant, later.application, later.environment_name, later.deployed_at) < (h.tenant, h.application, h.environment_name, h.finished_at)
          AND later.succeeded
          AND later.reported_finish < h.finished_at
        ORDER BY
          later.tenant DESC,
          later.application DESC,
          later.environment_name DESC,
          later.deployed_at DESC,
          later.log_order DESC
        LIMIT
          1
      ) overtaking ON true
      LEFT JOIN LATERAL (
        SELECT
          earlier.deployment_id
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
                WHEN h.removed_at <= $asOf::timestamptz THEN h.removed_at
              END AS removed_at,
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
          ) earlier
        WHERE
          current.deployment_id IS NOT NULL
          AND earlier.tenant = h.tenant
          AND earlier.application = h.application
          AND earlier.environment_name = h.environment_name
          AND earlier.succeeded
          AND earlier.status = 'DEPLOYED'
          AND earlier.removed_at IS NULL
          AND earlier.reported_finish > earlier.deployed_at
          AND earlier.reported_finish > h.finished_at
          AND earlier.deployed_at < h.deployed_at
        ORDER BY
          earlier.reported_finish DESC,
          earlier.deployed_at DESC,
          earlier.log_order DESC
        LIMIT
          1
      ) contesting ON true
      LEFT JOIN LATERAL (
        SELECT
          replaced.deployment_id
        FROM
          (
            SELECT
              first.deployed_at,
              first.log_order
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
                    WHEN h.removed_at <= $asOf::timestamptz THEN h.removed_at
                  END AS removed_at,
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
              ) first
            WHERE
              (first.tenant, first.image_tag, first.application, first.environment_name) >= (h.tenant, h.image_tag, h.application, h.environment_name)
              AND (first.tenant, first.image_tag, first.application, first.environment_name, first.deployed_at, first.log_order) < (h.tenant, h.image_tag, h.application, h.environment_name, h.deployed_at, h.log_order)
              AND first.succeeded
              AND h.succeeded
              AND h.rollback_of IS NULL
            ORDER BY
              first.tenant,
              first.image_tag,
              first.application,
              first.environment_name,
              first.deployed_at,
              first.log_order
            LIMIT
              1
          ) own_first
          CROSS JOIN LATERAL (
            SELECT
              before.*
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
                    WHEN h.removed_at <= $asOf::timestamptz THEN h.removed_at
                  END AS removed_at,
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
              ) before
            WHERE
              (before.tenant, before.application, before.environment_name, before.deployed_at, before.log_order) < (h.tenant, h.application, h.environment_name, h.deployed_at, h.log_order)
              AND (before.tenant, before.application, before.environment_name) >= (h.tenant, h.application, h.environment_name)
              AND before.succeeded
              AND (own_first.deployed_at, own_first.log_order) < (h.deployed_at, h.log_order)
            ORDER BY
              before.tenant DESC,
              before.application DESC,
              before.environment_name DESC,
              before.deployed_at DESC,
              before.log_order DESC
            LIMIT
              1
          ) replaced
          CROSS JOIN LATERAL (
            SELECT
              first.deployed_at,
              first.log_order
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
                    WHEN h.removed_at <= $asOf::timestamptz THEN h.removed_at
                  END AS removed_at,
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
              ) first
            WHERE
              (first.tenant, first.image_tag, first.application, first.environment_name) >= (replaced.tenant, replaced.image_tag, replaced.application, replaced.environment_name)
              AND (first.tenant, first.image_tag, first.application, first.environment_name) <= (replaced.tenant, replaced.image_tag, replaced.application, replaced.environment_name)
              AND first.succeeded
              AND (own_first.deployed_at, own_first.log_order) < (replaced.deployed_at, replaced.log_order)
            ORDER BY
              first.tenant,
              first.image_tag,
              first.application,
              first.environment_name,
              first.deployed_at,
              first.log_order
            LIMIT
              1
          ) replaced_first
        WHERE
          (own_first.deployed_at, own_first.log_order) < (replaced_first.deployed_at, replaced_first.log_order)
      ) undone ON true
    WHERE
      h.tenant = $tenant
      AND h.deployment_id = $id
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
