-- path of a commit as of

-- of an application, from a cursor
WITH RECURSIVE
  bringing AS MATERIALIZED (
    SELECT
      h.application,
      h.environment_name,
      h.deployment_id,
      h.image_tag,
      h.deployed_at,
      h.completed_at,
      h.finished_at,
      h.log_order,
      h.succeeded,
      brought.committed_at
    FROM
      (
        SELECT
          c.deployment_id,
          max(c.committed_at) AS committed_at
        FROM
          deployment_commit c
        WHERE
          c.tenant = $tenant
          AND c.sha = ANY ($names)
        GROUP BY
          c.deployment_id
      ) brought
      JOIN (
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
      ) h ON h.tenant = $tenant
      AND h.deployment_id = brought.deployment_id
    WHERE
      (
        brought.committed_at IS NOT NULL
        OR h.git_commit = ANY ($names)
      )
      AND h.application = $application
  ),
  arrival AS MATERIALIZED (
    SELECT DISTINCT
      ON (h.application, h.environment_name) h.*,
      h.finished_at AS arrived_at
    FROM
      bringing h
    WHERE
      h.succeeded
      AND h.application >= $lastApplication
    ORDER BY
      h.application,
      h.environment_name,
      h.finished_at,
      h.log_order
  ),
  ranked AS MATERIALIZED (
    SELECT
      arrival.*,
      coalesce(pipeline.rank, 32767) AS rank
    FROM
      arrival
      LEFT JOIN environments ($tenant) pipeline ON pipeline.name = arrival.environment_name
  ),
  page AS MATERIALIZED (
    SELECT
      *,
      row_number() OVER (
        ORDER BY
          application,
          rank,
          environment_name
      ) AS n
    FROM
      ranked
    WHERE
      (application, rank, environment_name) > ($lastApplication, $lastRank::int, $lastEnvironment)
    ORDER BY
      application,
      rank,
      environment_name
    LIMIT
      $limit::integer + 1
  )
SELECT
  EXISTS (
    SELECT
    FROM
      bringing
  ) AS known,
  '[' || coalesce(
    (
      SELECT
        string_agg(
          json_strip_nulls(
            json_build_object(
              'application',
              h.application,
              'environment',
              h.environment_name,
              'deploymentId',
              h.deployment_id,
              'imageTag',
              h.image_tag,
              'deployedAt',
              instant (h.deployed_at),
              'completedAt',
              instant (h.completed_at),
              'committedAt',
              instant (h.committed_at),
              'leadTimeSeconds',
              trim_scale(
                extract(
                  epoch
                  FROM
                    h.finished_at - h.committed_at
                )
              ),
              'from',
              previous.environment_name,
              'secondsAfterPrevious',
              trim_scale(
                extract(
                  epoch
                  FROM
                    h.arrived_at - previous.arrived_at
                )
              ),
              'active',
              coalesce(active.image_tag = h.image_tag, false)
            )
          )::text,
          ','
          ORDER BY
            h.n
        )
      FROM
        (
          SELECT
            $tenant::text AS tenant,
            page.*
          FROM
            page
          WHERE
            n <= $limit::integer
        ) h
        LEFT JOIN LATERAL (
          SELECT
            earlier.environment_name,
            earlier.arrived_at
          FROM
            ranked earlier
          WHERE
            earlier.application = h.application
            AND earlier.rank < h.rank
            AND h.rank < 32767
            AND earlier.arrived_at <= h.arrived_at
          ORDER BY
            earlier.rank DESC
          LIMIT
            1
        ) previous ON true
        LEFT JOIN LATERAL (
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
            AND true
          ORDER BY
            past.from_at DESC
          LIMIT
            1
        ) slot ON true
        LEFT JOIN deployment_history active ON active.tenant = $tenant
        AND active.deployment_id = slot.deployment_id
    ),
    ''
  ) || ']' AS json,
  (
    SELECT
      json_build_array(application, rank, environment_name)
    FROM
      page
    WHERE
      n = $limit::integer
      AND EXISTS (
        SELECT
        FROM
          page
        WHERE
          n > $limit::integer
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
