-- waiting commits as of as known

WITH
  wanted AS MATERIALIZED (
    SELECT
      *
    FROM
      unnest($applications::text[], $starts::timestamptz[]) AS wanted (application, start)
  ),
  brought AS MATERIALIZED (
    SELECT
      h.application,
      h.image_tag,
      h.deployed_at,
      h.finished_at,
      h.log_order,
      (c.value ->> 'sha') COLLATE "C" AS sha,
      (c.value ->> 'committedAt')::timestamptz(3) AS committed_at,
      c.value -> 'author' AS author,
      c.ordinality
    FROM
      wanted
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
          AND h.deployed_at <= $asOf::timestamptz
          AND h.deployed_at <= $knownAt::timestamptz + interval '24 hours'
          AND h.known_from <= $knownAt::timestamptz
          AND h.known_until > $knownAt::timestamptz
      ) h ON h.tenant = $tenant
      AND h.application = wanted.application
      AND h.environment_name = $source
      AND h.succeeded
      CROSS JOIN LATERAL json_array_elements(h.commits) WITH ORDINALITY c
  ),
  single AS MATERIALIZED (
    SELECT
      h.application,
      h.git_commit AS sha,
      h.environment_name,
      h.finished_at
    FROM
      wanted
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
          AND h.deployed_at <= $asOf::timestamptz
          AND h.deployed_at <= $knownAt::timestamptz + interval '24 hours'
          AND h.known_from <= $knownAt::timestamptz
          AND h.known_until > $knownAt::timestamptz
      ) h ON h.tenant = $tenant
      AND h.application = wanted.application
      AND h.environment_name IN ($source, $target)
      AND h.succeeded
    WHERE
      h.git_commit IS NOT NULL
  ),
  first AS MATERIALIZED (
    SELECT DISTINCT
      ON (application, sha) *
    FROM
      brought
    ORDER BY
      application,
      sha,
      finished_at,
      log_order,
      ordinality
  ),
  waiting AS MATERIALIZED (
    SELECT
      first.*
    FROM
      first
      JOIN wanted USING (application)
    WHERE
      first.finished_at >= wanted.start
      AND (application, sha) NOT IN (
        SELECT
          application,
          sha
        FROM
          (
            SELECT
              h.application,
              h.image_tag,
              h.deployed_at,
              h.finished_at,
              h.log_order,
              (c.value ->> 'sha') COLLATE "C" AS sha,
              (c.value ->> 'committedAt')::timestamptz(3) AS committed_at,
              c.value -> 'author' AS author,
              c.ordinality
            FROM
              wanted
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
                  AND h.deployed_at <= $asOf::timestamptz
                  AND h.deployed_at <= $knownAt::timestamptz + interval '24 hours'
                  AND h.known_from <= $knownAt::timestamptz
                  AND h.known_until > $knownAt::timestamptz
              ) h ON h.tenant = $tenant
              AND h.application = wanted.application
              AND h.environment_name = $target
              AND h.succeeded
              CROSS JOIN LATERAL json_array_elements(h.commits) WITH ORDINALITY c
          ) there
        UNION ALL
        SELECT
          application,
          sha
        FROM
          single
        WHERE
          environment_name = $target
        UNION ALL
        SELECT
          application,
          sha
        FROM
          single
          JOIN wanted w USING (application)
        WHERE
          environment_name = $source
          AND single.finished_at < w.start
      )
  )
SELECT
  application,
  json_object_agg(image_tag, count) AS "byTag",
  (
    SELECT
      json_agg(
        json_strip_nulls(
          json_build_object('sha', sha, 'committedAt', instant (committed_at), 'author', author, 'firstDeployedAt', instant (deployed_at))
        )
        ORDER BY
          committed_at DESC,
          sha
      )
    FROM
      (
        SELECT
          *
        FROM
          waiting w
        WHERE
          w.application = tag.application
        ORDER BY
          committed_at DESC,
          sha
        LIMIT
          500
      ) latest
  ) AS commits
FROM
  (
    SELECT
      application,
      image_tag,
      count(*)::integer AS count
    FROM
      waiting
    GROUP BY
      application,
      image_tag
  ) tag
GROUP BY
  application
