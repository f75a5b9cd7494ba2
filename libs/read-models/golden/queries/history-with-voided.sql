-- history with voided

-- all filters, from a cursor
WITH
  page AS MATERIALIZED (
    SELECT
      h.*,
      row_number() OVER w AS n,
      coalesce(
        sum(
          (
            8192 + CASE
              WHEN pg_column_size(h.commits) > 1000
              OR pg_column_compression(h.commits) IS NOT NULL THEN octet_length(h.commits::text)
              ELSE 0
            END + coalesce(octet_length(h.notes), 0) + CASE
              WHEN pg_column_size(h.migrations) > 1000
              OR pg_column_compression(h.migrations) IS NOT NULL THEN octet_length(h.migrations::text)
              ELSE 0
            END + CASE
              WHEN pg_column_size(h.labels) > 1000
              OR pg_column_compression(h.labels) IS NOT NULL THEN octet_length(h.labels::text)
              ELSE 0
            END
          )
        ) OVER w,
        0
      ) AS bytes_before
    FROM
      (
        SELECT
          h.*
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
              inferred_rollback_of,
              NULL::timestamptz(3) AS voided_at
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
              NULL::uuid,
              voided_at
            FROM
              deployment_voided
          ) h
        WHERE
          h.tenant = $tenant
          AND h.application = $application
          AND h.environment_name = (
            SELECT
              environment_name ($tenant, $environment)
          )
          AND h.image_tag = $imageTag
          AND h.git_commit = ANY ($gitCommits)
          AND h.git_branch = $gitBranch
          AND h.actor = $actor
          AND h.deployed_at >= $from::timestamptz
          AND h.deployed_at < $to::timestamptz
          AND (h.deployed_at, h.log_order) < ($lastDeployedAt::timestamptz, $lastLogOrder::bigint)
          AND h.status IN ('DEPLOYED', 'FAILED')
        ORDER BY
          h.deployed_at DESC,
          h.log_order DESC
        LIMIT
          51
      ) h
    WINDOW
      w AS (
        ROWS BETWEEN UNBOUNDED PRECEDING
        AND 1 PRECEDING
      )
  ),
  kept AS MATERIALIZED (
    SELECT
      max(n) AS n
    FROM
      page
    WHERE
      n <= $limit
      AND bytes_before < 8388608
  )
SELECT
  '[' || coalesce(
    (
      SELECT
        string_agg(
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
                WHEN h.voided_at IS NOT NULL THEN 'It is voided.'
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
            ',"incidents":' || CASE
              WHEN h.voided_at IS NULL THEN (
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
              )
            END,
            ',"voidedAt":' || '"' || instant (h.voided_at) || '"',
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
          ),
          ','
          ORDER BY
            h.n
        )
      FROM
        page h
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
      WHERE
        h.n <= (
          SELECT
            n
          FROM
            kept
        )
    ),
    ''
  ) || ']' AS json,
  (
    SELECT
      json_build_array(instant (deployed_at), log_order::text)
    FROM
      page
    WHERE
      n = (
        SELECT
          n
        FROM
          kept
      )
      AND EXISTS (
        SELECT
        FROM
          page
        WHERE
          n > (
            SELECT
              n
            FROM
              kept
          )
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
