-- rollback target

-- of a deployment
WITH
  problem AS MATERIALIZED (
    SELECT
      h.*
    FROM
      deployment_history h
    WHERE
      h.tenant = $tenant
      AND h.deployment_id = $deploymentId
      AND h.application = $application
      AND h.environment_name = (
        SELECT
          environment_name ($tenant, $environment)
      )
  ),
  target AS MATERIALIZED (
    SELECT
      earlier.*
    FROM
      problem
      CROSS JOIN LATERAL (
        SELECT
          h.*
        FROM
          (
            SELECT
              h.*,
              undoer.deployment_id AS undone_by,
              undoer.detected
            FROM
              deployment_history h
              LEFT JOIN LATERAL (
                SELECT
                  *
                FROM
                  (
                    (
                      SELECT
                        *
                      FROM
                        (
                          SELECT
                            n.deployment_id,
                            'reported' AS detected
                          FROM
                            deployment_history n
                          WHERE
                            (n.tenant, n.rollback_of, n.application, n.environment_name) >= (h.tenant, h.deployment_id, h.application, h.environment_name)
                            AND (n.tenant, n.rollback_of, n.application, n.environment_name) <= (h.tenant, h.deployment_id, h.application, h.environment_name)
                            AND n.succeeded
                            AND n.rollback_of IS NOT NULL
                            AND n.deployment_id <> h.deployment_id
                          ORDER BY
                            n.tenant,
                            n.rollback_of,
                            n.application,
                            n.environment_name,
                            n.deployed_at,
                            n.log_order
                          OFFSET
                            0
                        ) earliest
                      LIMIT
                        1
                    )
                    UNION ALL
                    (
                      SELECT
                        n.deployment_id,
                        'inferred'
                      FROM
                        deployment_history n
                      WHERE
                        (n.tenant, n.inferred_rollback_of) >= (h.tenant, h.deployment_id)
                        AND (n.tenant, n.inferred_rollback_of) <= (h.tenant, h.deployment_id)
                        AND n.inferred_rollback_of IS NOT NULL
                      ORDER BY
                        n.tenant,
                        n.inferred_rollback_of
                      OFFSET
                        0
                    )
                  ) either
                ORDER BY
                  detected DESC
                LIMIT
                  1
              ) undoer ON true
          ) h
        WHERE
          h.tenant = problem.tenant
          AND h.application = problem.application
          AND h.environment_name = problem.environment_name
          AND (h.deployed_at, h.log_order) < (problem.deployed_at, problem.log_order)
          AND h.status = 'DEPLOYED'
          AND h.image_tag <> problem.image_tag
          AND h.undone_by IS NULL
        ORDER BY
          h.deployed_at DESC,
          h.log_order DESC
        LIMIT
          1
      ) earlier
  ),
  passed_over AS MATERIALIZED (
    SELECT
      earlier.*
    FROM
      problem
      LEFT JOIN target ON true
      CROSS JOIN LATERAL (
        SELECT
          h.*
        FROM
          (
            SELECT
              h.*,
              undoer.deployment_id AS undone_by,
              undoer.detected
            FROM
              deployment_history h
              LEFT JOIN LATERAL (
                SELECT
                  *
                FROM
                  (
                    (
                      SELECT
                        *
                      FROM
                        (
                          SELECT
                            n.deployment_id,
                            'reported' AS detected
                          FROM
                            deployment_history n
                          WHERE
                            (n.tenant, n.rollback_of, n.application, n.environment_name) >= (h.tenant, h.deployment_id, h.application, h.environment_name)
                            AND (n.tenant, n.rollback_of, n.application, n.environment_name) <= (h.tenant, h.deployment_id, h.application, h.environment_name)
                            AND n.succeeded
                            AND n.rollback_of IS NOT NULL
                            AND n.deployment_id <> h.deployment_id
                          ORDER BY
                            n.tenant,
                            n.rollback_of,
                            n.application,
                            n.environment_name,
                            n.deployed_at,
                            n.log_order
                          OFFSET
                            0
                        ) earliest
                      LIMIT
                        1
                    )
                    UNION ALL
                    (
                      SELECT
                        n.deployment_id,
                        'inferred'
                      FROM
                        deployment_history n
                      WHERE
                        (n.tenant, n.inferred_rollback_of) >= (h.tenant, h.deployment_id)
                        AND (n.tenant, n.inferred_rollback_of) <= (h.tenant, h.deployment_id)
                        AND n.inferred_rollback_of IS NOT NULL
                      ORDER BY
                        n.tenant,
                        n.inferred_rollback_of
                      OFFSET
                        0
                    )
                  ) either
                ORDER BY
                  detected DESC
                LIMIT
                  1
              ) undoer ON true
          ) h
        WHERE
          h.tenant = problem.tenant
          AND h.application = problem.application
          AND h.environment_name = problem.environment_name
          AND (h.deployed_at, h.log_order) < (problem.deployed_at, problem.log_order)
          AND (h.deployed_at, h.log_order) > (coalesce(target.deployed_at, '-infinity'), coalesce(target.log_order, 0))
        ORDER BY
          h.deployed_at DESC,
          h.log_order DESC
        LIMIT
          501
      ) earlier
  ),
  part AS (
    SELECT
      'problem' AS part,
      deployment_id,
      NULL::uuid AS undone_by,
      NULL AS detected
    FROM
      problem
    UNION ALL
    SELECT
      'target',
      deployment_id,
      undone_by,
      detected
    FROM
      target
    UNION ALL
    SELECT
      'between',
      deployment_id,
      undone_by,
      detected
    FROM
      passed_over
  ),
  found AS MATERIALIZED (
    SELECT
      h.*,
      part,
      undone_by,
      detected
    FROM
      part
      JOIN deployment_history h ON h.tenant = $tenant
      AND h.deployment_id = part.deployment_id
  ),
  records AS (
    SELECT
      h.part,
      h.deployed_at,
      h.log_order,
      (
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
          ',"rollbackOf":' || '"' || coalesce(h.rollback_of, h.inferred_rollback_of) || '"',
          ',"rollbackDetected":' || '"' || CASE
            WHEN h.rollback_of IS NOT NULL THEN 'reported'
            WHEN h.inferred_rollback_of IS NOT NULL THEN 'inferred'
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
                  deployment_history named
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
                  i.resolved_at,
                  i.last_seq,
                  i.version
                FROM
                  incident i
                WHERE
                  (i.deployment_id, i.tenant) >= (h.deployment_id, h.tenant)
                  AND (i.deployment_id, i.tenant, i.started_at) <= (h.deployment_id, h.tenant, 'infinity')
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
      )::json AS record,
      CASE
        WHEN undoer.deployment_id IS NOT NULL THEN json_build_object(
          'id',
          undoer.deployment_id,
          'imageTag',
          undoer.image_tag,
          'deployedAt',
          instant (undoer.deployed_at),
          'detected',
          h.detected
        )
      END AS undone_by
    FROM
      found h
      LEFT JOIN deployment_current current ON current.tenant = h.tenant
      AND current.application = h.application
      AND current.environment_name = h.environment_name
      AND current.deployment_id = h.deployment_id
      LEFT JOIN LATERAL (
        SELECT
          later.deployment_id
        FROM
          deployment_history later
        WHERE
          h.succeeded
          AND h.finished_at > h.deployed_at
          AND (later.tenant, later.application, later.environment_name, later.deployed_at) > (h.tenant, h.application, h.environment_name, h.deployed_at)
          AND (later.tenant, later.application, later.environment_name, later.deployed_at) < (h.tenant, h.application, h.environment_name, h.finished_at)
          AND later.succeeded
          AND later.finished_at < h.finished_at
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
          deployment_history earlier
        WHERE
          current.deployment_id IS NOT NULL
          AND earlier.tenant = h.tenant
          AND earlier.application = h.application
          AND earlier.environment_name = h.environment_name
          AND earlier.status = 'DEPLOYED'
          AND earlier.removed_at IS NULL
          AND earlier.finished_at > earlier.deployed_at
          AND earlier.finished_at > h.finished_at
          AND earlier.deployed_at < h.deployed_at
        ORDER BY
          earlier.finished_at DESC,
          earlier.deployed_at DESC,
          earlier.log_order DESC
        LIMIT
          1
      ) contesting ON true
      LEFT JOIN deployment_history undoer ON undoer.tenant = h.tenant
      AND undoer.deployment_id = h.undone_by
  )
SELECT
  (
    SELECT
      record
    FROM
      records
    WHERE
      part = 'problem'
  ) AS problem,
  (
    SELECT
      record
    FROM
      records
    WHERE
      part = 'target'
  ) AS target,
  (
    SELECT
      json_agg(
        json_build_object('deployment', record, 'undoneBy', undone_by)
        ORDER BY
          deployed_at DESC,
          log_order DESC
      )
    FROM
      records
    WHERE
      part = 'between'
  ) AS passed_over,
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

-- of the active deployment
WITH
  problem AS MATERIALIZED (
    SELECT
      h.*
    FROM
      (
        SELECT
          $tenant::text AS tenant,
          $application::text AS application,
          (
            SELECT
              environment_name ($tenant, $environment)
          ) AS environment_name
      ) slot
      CROSS JOIN LATERAL (
        SELECT
          now.deployment_id
        FROM
          deployment_current now
        WHERE
          now.tenant = slot.tenant
          AND now.application = slot.application
          AND now.environment_name = slot.environment_name
          AND true
      ) active
      JOIN deployment_history h ON h.tenant = $tenant
      AND h.deployment_id = active.deployment_id
  ),
  target AS MATERIALIZED (
    SELECT
      earlier.*
    FROM
      problem
      CROSS JOIN LATERAL (
        SELECT
          h.*
        FROM
          (
            SELECT
              h.*,
              undoer.deployment_id AS undone_by,
              undoer.detected
            FROM
              deployment_history h
              LEFT JOIN LATERAL (
                SELECT
                  *
                FROM
                  (
                    (
                      SELECT
                        *
                      FROM
                        (
                          SELECT
                            n.deployment_id,
                            'reported' AS detected
                          FROM
                            deployment_history n
                          WHERE
                            (n.tenant, n.rollback_of, n.application, n.environment_name) >= (h.tenant, h.deployment_id, h.application, h.environment_name)
                            AND (n.tenant, n.rollback_of, n.application, n.environment_name) <= (h.tenant, h.deployment_id, h.application, h.environment_name)
                            AND n.succeeded
                            AND n.rollback_of IS NOT NULL
                            AND n.deployment_id <> h.deployment_id
                          ORDER BY
                            n.tenant,
                            n.rollback_of,
                            n.application,
                            n.environment_name,
                            n.deployed_at,
                            n.log_order
                          OFFSET
                            0
                        ) earliest
                      LIMIT
                        1
                    )
                    UNION ALL
                    (
                      SELECT
                        n.deployment_id,
                        'inferred'
                      FROM
                        deployment_history n
                      WHERE
                        (n.tenant, n.inferred_rollback_of) >= (h.tenant, h.deployment_id)
                        AND (n.tenant, n.inferred_rollback_of) <= (h.tenant, h.deployment_id)
                        AND n.inferred_rollback_of IS NOT NULL
                      ORDER BY
                        n.tenant,
                        n.inferred_rollback_of
                      OFFSET
                        0
                    )
                  ) either
                ORDER BY
                  detected DESC
                LIMIT
                  1
              ) undoer ON true
          ) h
        WHERE
          h.tenant = problem.tenant
          AND h.application = problem.application
          AND h.environment_name = problem.environment_name
          AND (h.deployed_at, h.log_order) < (problem.deployed_at, problem.log_order)
          AND h.status = 'DEPLOYED'
          AND h.image_tag <> problem.image_tag
          AND h.undone_by IS NULL
        ORDER BY
          h.deployed_at DESC,
          h.log_order DESC
        LIMIT
          1
      ) earlier
  ),
  passed_over AS MATERIALIZED (
    SELECT
      earlier.*
    FROM
      problem
      LEFT JOIN target ON true
      CROSS JOIN LATERAL (
        SELECT
          h.*
        FROM
          (
            SELECT
              h.*,
              undoer.deployment_id AS undone_by,
              undoer.detected
            FROM
              deployment_history h
              LEFT JOIN LATERAL (
                SELECT
                  *
                FROM
                  (
                    (
                      SELECT
                        *
                      FROM
                        (
                          SELECT
                            n.deployment_id,
                            'reported' AS detected
                          FROM
                            deployment_history n
                          WHERE
                            (n.tenant, n.rollback_of, n.application, n.environment_name) >= (h.tenant, h.deployment_id, h.application, h.environment_name)
                            AND (n.tenant, n.rollback_of, n.application, n.environment_name) <= (h.tenant, h.deployment_id, h.application, h.environment_name)
                            AND n.succeeded
                            AND n.rollback_of IS NOT NULL
                            AND n.deployment_id <> h.deployment_id
                          ORDER BY
                            n.tenant,
                            n.rollback_of,
                            n.application,
                            n.environment_name,
                            n.deployed_at,
                            n.log_order
                          OFFSET
                            0
                        ) earliest
                      LIMIT
                        1
                    )
                    UNION ALL
                    (
                      SELECT
                        n.deployment_id,
                        'inferred'
                      FROM
                        deployment_history n
                      WHERE
                        (n.tenant, n.inferred_rollback_of) >= (h.tenant, h.deployment_id)
                        AND (n.tenant, n.inferred_rollback_of) <= (h.tenant, h.deployment_id)
                        AND n.inferred_rollback_of IS NOT NULL
                      ORDER BY
                        n.tenant,
                        n.inferred_rollback_of
                      OFFSET
                        0
                    )
                  ) either
                ORDER BY
                  detected DESC
                LIMIT
                  1
              ) undoer ON true
          ) h
        WHERE
          h.tenant = problem.tenant
          AND h.application = problem.application
          AND h.environment_name = problem.environment_name
          AND (h.deployed_at, h.log_order) < (problem.deployed_at, problem.log_order)
          AND (h.deployed_at, h.log_order) > (coalesce(target.deployed_at, '-infinity'), coalesce(target.log_order, 0))
        ORDER BY
          h.deployed_at DESC,
          h.log_order DESC
        LIMIT
          501
      ) earlier
  ),
  part AS (
    SELECT
      'problem' AS part,
      deployment_id,
      NULL::uuid AS undone_by,
      NULL AS detected
    FROM
      problem
    UNION ALL
    SELECT
      'target',
      deployment_id,
      undone_by,
      detected
    FROM
      target
    UNION ALL
    SELECT
      'between',
      deployment_id,
      undone_by,
      detected
    FROM
      passed_over
  ),
  found AS MATERIALIZED (
    SELECT
      h.*,
      part,
      undone_by,
      detected
    FROM
      part
      JOIN deployment_history h ON h.tenant = $tenant
      AND h.deployment_id = part.deployment_id
  ),
  records AS (
    SELECT
      h.part,
      h.deployed_at,
      h.log_order,
      (
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
          ',"rollbackOf":' || '"' || coalesce(h.rollback_of, h.inferred_rollback_of) || '"',
          ',"rollbackDetected":' || '"' || CASE
            WHEN h.rollback_of IS NOT NULL THEN 'reported'
            WHEN h.inferred_rollback_of IS NOT NULL THEN 'inferred'
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
                  deployment_history named
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
                  i.resolved_at,
                  i.last_seq,
                  i.version
                FROM
                  incident i
                WHERE
                  (i.deployment_id, i.tenant) >= (h.deployment_id, h.tenant)
                  AND (i.deployment_id, i.tenant, i.started_at) <= (h.deployment_id, h.tenant, 'infinity')
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
      )::json AS record,
      CASE
        WHEN undoer.deployment_id IS NOT NULL THEN json_build_object(
          'id',
          undoer.deployment_id,
          'imageTag',
          undoer.image_tag,
          'deployedAt',
          instant (undoer.deployed_at),
          'detected',
          h.detected
        )
      END AS undone_by
    FROM
      found h
      LEFT JOIN deployment_current current ON current.tenant = h.tenant
      AND current.application = h.application
      AND current.environment_name = h.environment_name
      AND current.deployment_id = h.deployment_id
      LEFT JOIN LATERAL (
        SELECT
          later.deployment_id
        FROM
          deployment_history later
        WHERE
          h.succeeded
          AND h.finished_at > h.deployed_at
          AND (later.tenant, later.application, later.environment_name, later.deployed_at) > (h.tenant, h.application, h.environment_name, h.deployed_at)
          AND (later.tenant, later.application, later.environment_name, later.deployed_at) < (h.tenant, h.application, h.environment_name, h.finished_at)
          AND later.succeeded
          AND later.finished_at < h.finished_at
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
          deployment_history earlier
        WHERE
          current.deployment_id IS NOT NULL
          AND earlier.tenant = h.tenant
          AND earlier.application = h.application
          AND earlier.environment_name = h.environment_name
          AND earlier.status = 'DEPLOYED'
          AND earlier.removed_at IS NULL
          AND earlier.finished_at > earlier.deployed_at
          AND earlier.finished_at > h.finished_at
          AND earlier.deployed_at < h.deployed_at
        ORDER BY
          earlier.finished_at DESC,
          earlier.deployed_at DESC,
          earlier.log_order DESC
        LIMIT
          1
      ) contesting ON true
      LEFT JOIN deployment_history undoer ON undoer.tenant = h.tenant
      AND undoer.deployment_id = h.undone_by
  )
SELECT
  (
    SELECT
      record
    FROM
      records
    WHERE
      part = 'problem'
  ) AS problem,
  (
    SELECT
      record
    FROM
      records
    WHERE
      part = 'target'
  ) AS target,
  (
    SELECT
      json_agg(
        json_build_object('deployment', record, 'undoneBy', undone_by)
        ORDER BY
          deployed_at DESC,
          log_order DESC
      )
    FROM
      records
    WHERE
      part = 'between'
  ) AS passed_over,
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
