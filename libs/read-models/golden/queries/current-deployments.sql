-- current deployments

-- no filter
WITH
  pipeline AS MATERIALIZED (
    SELECT
      array_agg(
        name
        ORDER BY
          rank
      ) AS names
    FROM
      environments ($tenant)
  ),
  ranked AS NOT MATERIALIZED (
    SELECT
      c.*,
      rank
    FROM
      deployment_current c
      CROSS JOIN LATERAL (
        SELECT
          coalesce(
            array_position(
              (
                SELECT
                  names
                FROM
                  pipeline
              ),
              c.environment_name
            ),
            32767
          ) AS rank
      ) environment
    WHERE
      c.tenant = $tenant
  ),
  reached AS MATERIALIZED (
    SELECT
      max(application) AS application
    FROM
      (
        SELECT
          application
        FROM
          ranked
        ORDER BY
          application,
          environment_name
        LIMIT
          51
      ) first
  ),
  slot_page AS MATERIALIZED (
    SELECT
      ranked.*,
      row_number() OVER (
        ORDER BY
          application,
          rank,
          environment_name
      ) AS n
    FROM
      ranked
    WHERE
      application <= (
        SELECT
          application
        FROM
          reached
      )
    ORDER BY
      application,
      rank,
      environment_name
    LIMIT
      51
  ),
  page AS MATERIALIZED (
    SELECT
      h.*,
      current.rank,
      current.n,
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
      slot_page current
      JOIN deployment_history h ON h.tenant = current.tenant
      AND h.deployment_id = current.deployment_id
    WINDOW
      w AS (
        ORDER BY
          current.n ROWS BETWEEN UNBOUNDED PRECEDING
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
            left(
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
              ),
              -1
            ),
            ',"runningSince":"' || instant (running.since) || '"',
            '}'
          ),
          ','
          ORDER BY
            h.n
        )
      FROM
        page h
        CROSS JOIN LATERAL (
          SELECT
            h.deployment_id
        ) current
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
        LEFT JOIN LATERAL (
          SELECT
            s.from_at AS since
          FROM
            deployment_interval s
          WHERE
            (s.tenant, s.application, s.environment_name, s.new_tag, s.from_at) <= (h.tenant, h.application, h.environment_name, true, 'infinity')
            AND (s.tenant, s.application, s.environment_name, s.new_tag) >= (h.tenant, h.application, h.environment_name, true)
            AND s.new_tag
          ORDER BY
            s.tenant DESC,
            s.application DESC,
            s.environment_name DESC,
            s.new_tag DESC,
            s.from_at DESC
          LIMIT
            1
        ) running ON true
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
      json_build_array(application, rank, environment_name)
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

-- several values and labels
WITH
  pipeline AS MATERIALIZED (
    SELECT
      array_agg(
        name
        ORDER BY
          rank
      ) AS names
    FROM
      environments ($tenant)
  ),
  ranked AS NOT MATERIALIZED (
    SELECT
      c.*,
      rank
    FROM
      deployment_current c
      CROSS JOIN LATERAL (
        SELECT
          coalesce(
            array_position(
              (
                SELECT
                  names
                FROM
                  pipeline
              ),
              c.environment_name
            ),
            32767
          ) AS rank
      ) environment
    WHERE
      c.tenant = $tenant
      AND c.application = ANY ($applications)
      AND c.environment_name = ANY (
        (
          SELECT
            array_agg(DISTINCT environment_name ($tenant, key) COLLATE "C")
          FROM
            unnest($environments::text[]) key
        )::text[]
      )
      AND EXISTS (
        SELECT
        FROM
          deployment_label l
        WHERE
          l.tenant = $tenant
          AND l.deployment_id = c.deployment_id
          AND l.label = $label0::uuid
      )
      AND EXISTS (
        SELECT
        FROM
          deployment_label l
        WHERE
          l.tenant = $tenant
          AND l.deployment_id = c.deployment_id
          AND l.label = $label1::uuid
      )
  ),
  reached AS MATERIALIZED (
    SELECT
      max(application) AS application
    FROM
      (
        SELECT
          application
        FROM
          ranked
        ORDER BY
          application,
          environment_name
        LIMIT
          51
      ) first
  ),
  slot_page AS MATERIALIZED (
    SELECT
      ranked.*,
      row_number() OVER (
        ORDER BY
          application,
          rank,
          environment_name
      ) AS n
    FROM
      ranked
    WHERE
      application <= (
        SELECT
          application
        FROM
          reached
      )
    ORDER BY
      application,
      rank,
      environment_name
    LIMIT
      51
  ),
  page AS MATERIALIZED (
    SELECT
      h.*,
      current.rank,
      current.n,
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
      slot_page current
      JOIN deployment_history h ON h.tenant = current.tenant
      AND h.deployment_id = current.deployment_id
    WINDOW
      w AS (
        ORDER BY
          current.n ROWS BETWEEN UNBOUNDED PRECEDING
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
            left(
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
              ),
              -1
            ),
            ',"runningSince":"' || instant (running.since) || '"',
            '}'
          ),
          ','
          ORDER BY
            h.n
        )
      FROM
        page h
        CROSS JOIN LATERAL (
          SELECT
            h.deployment_id
        ) current
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
        LEFT JOIN LATERAL (
          SELECT
            s.from_at AS since
          FROM
            deployment_interval s
          WHERE
            (s.tenant, s.application, s.environment_name, s.new_tag, s.from_at) <= (h.tenant, h.application, h.environment_name, true, 'infinity')
            AND (s.tenant, s.application, s.environment_name, s.new_tag) >= (h.tenant, h.application, h.environment_name, true)
            AND s.new_tag
          ORDER BY
            s.tenant DESC,
            s.application DESC,
            s.environment_name DESC,
            s.new_tag DESC,
            s.from_at DESC
          LIMIT
            1
        ) running ON true
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
      json_build_array(application, rank, environment_name)
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

-- all filters, from a cursor
WITH
  pipeline AS MATERIALIZED (
    SELECT
      array_agg(
        name
        ORDER BY
          rank
      ) AS names
    FROM
      environments ($tenant)
  ),
  ranked AS NOT MATERIALIZED (
    SELECT
      c.*,
      rank
    FROM
      deployment_current c
      CROSS JOIN LATERAL (
        SELECT
          coalesce(
            array_position(
              (
                SELECT
                  names
                FROM
                  pipeline
              ),
              c.environment_name
            ),
            32767
          ) AS rank
      ) environment
    WHERE
      c.tenant = $tenant
      AND c.application = $application
      AND c.environment_name = (
        SELECT
          environment_name ($tenant, $environment)
      ) -- planner: the first condition repeats the second one in a form that an index supports.
      AND c.application >= $lastApplication
      AND (c.application, rank, c.environment_name) > ($lastApplication, $lastRank::int, $lastEnvironment)
  ),
  reached AS MATERIALIZED (
    SELECT
      max(application) AS application
    FROM
      (
        SELECT
          application
        FROM
          ranked
        ORDER BY
          application,
          environment_name
        LIMIT
          51
      ) first
  ),
  slot_page AS MATERIALIZED (
    SELECT
      ranked.*,
      row_number() OVER (
        ORDER BY
          application,
          rank,
          environment_name
      ) AS n
    FROM
      ranked
    WHERE
      application <= (
        SELECT
          application
        FROM
          reached
      )
    ORDER BY
      application,
      rank,
      environment_name
    LIMIT
      51
  ),
  page AS MATERIALIZED (
    SELECT
      h.*,
      current.rank,
      current.n,
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
      slot_page current
      JOIN deployment_history h ON h.tenant = current.tenant
      AND h.deployment_id = current.deployment_id
    WINDOW
      w AS (
        ORDER BY
          current.n ROWS BETWEEN UNBOUNDED PRECEDING
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
            left(
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
              ),
              -1
            ),
            ',"runningSince":"' || instant (running.since) || '"',
            '}'
          ),
          ','
          ORDER BY
            h.n
        )
      FROM
        page h
        CROSS JOIN LATERAL (
          SELECT
            h.deployment_id
        ) current
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
        LEFT JOIN LATERAL (
          SELECT
            s.from_at AS since
          FROM
            deployment_interval s
          WHERE
            (s.tenant, s.application, s.environment_name, s.new_tag, s.from_at) <= (h.tenant, h.application, h.environment_name, true, 'infinity')
            AND (s.tenant, s.application, s.environment_name, s.new_tag) >= (h.tenant, h.application, h.environment_name, true)
            AND s.new_tag
          ORDER BY
            s.tenant DESC,
            s.application DESC,
            s.environment_name DESC,
            s.new_tag DESC,
            s.from_at DESC
          LIMIT
            1
        ) running ON true
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
      json_build_array(application, rank, environment_name)
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
