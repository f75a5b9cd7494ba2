-- path of a commit as known

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
          deployment_id,
          max(committed_at) AS committed_at,
          bool_or(changed) AS changed
        FROM
          (
            SELECT
              now.*,
              false AS changed
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
              ) now
            UNION ALL
            SELECT
              s.deployment_id,
              NULL,
              false
            FROM
              deployment_superseded s
            WHERE
              s.tenant = $tenant
              AND s.git_commit = ANY ($names)
            UNION ALL
            SELECT
              c.deployment_id,
              NULL,
              true
            FROM
              deployment_changed_commit c
            WHERE
              c.tenant = $tenant
              AND c.sha = ANY ($names)
          ) each
        GROUP BY
          deployment_id
      ) ever
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
      ) h ON h.tenant = $tenant
      AND h.deployment_id = ever.deployment_id
      CROSS JOIN LATERAL (
        SELECT
          CASE
            WHEN ever.changed THEN (
              SELECT
                (value ->> 'committedAt')::timestamptz(3)
              FROM
                json_array_elements(h.commits) WITH ORDINALITY
              WHERE
                value ->> 'sha' = ANY ($names)
              ORDER BY
                ordinality
              LIMIT
                1
            )
            ELSE ever.committed_at
          END AS committed_at
      ) brought
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
              WHEN latest.removed_at IS NULL THEN latest.deployment_id
            END AS deployment_id
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
            ) latest
          WHERE
            latest.tenant = h.tenant
            AND latest.application = h.application
            AND latest.environment_name = h.environment_name
            AND latest.succeeded
            AND latest.status = 'DEPLOYED'
            AND true
          ORDER BY
            latest.deployed_at DESC,
            latest.log_order DESC
          LIMIT
            1
        ) slot ON true
        LEFT JOIN (
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
        ) active ON active.tenant = $tenant
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
