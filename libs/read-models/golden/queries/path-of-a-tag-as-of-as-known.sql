-- path of a tag as of as known

-- of an application, from a cursor
WITH RECURSIVE
  slot AS (
    SELECT
      $tenant::text COLLATE "C" AS tenant,
      $name::text COLLATE "C" AS image_tag,
      $firstApplication::text COLLATE "C" AS application,
      ''::text COLLATE "C" AS environment_name,
      NULL::uuid AS deployment_id,
      0 AS found,
      0 AS found_before
    UNION ALL
    SELECT
      $tenant,
      $name,
      next.application,
      next.environment_name,
      first.deployment_id,
      slot.found + (
        next.application > $firstApplication
        AND first.deployment_id IS NOT NULL
      )::integer,
      CASE
        WHEN next.application = slot.application THEN slot.found_before
        ELSE slot.found
      END
    FROM
      slot
      CROSS JOIN LATERAL (
        SELECT
          h.tenant,
          h.image_tag,
          h.application,
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
          ) h
        WHERE
          h.tenant = $tenant
          AND h.image_tag = $name
          AND (h.tenant, h.image_tag, h.application, h.environment_name) > (slot.tenant, slot.image_tag, slot.application, slot.environment_name)
          AND h.application = $firstApplication
        ORDER BY
          h.tenant,
          h.image_tag,
          h.application,
          h.environment_name
        LIMIT
          1
      ) next
      LEFT JOIN LATERAL (
        SELECT
          h.deployment_id
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
          ) h
        WHERE
          (h.tenant, h.image_tag, h.application, h.environment_name) >= (next.tenant, next.image_tag, next.application, next.environment_name)
          AND (h.tenant, h.image_tag, h.application, h.environment_name) <= (next.tenant, next.image_tag, next.application, next.environment_name)
          AND h.succeeded
        ORDER BY
          h.tenant,
          h.image_tag,
          h.application,
          h.environment_name,
          h.deployed_at,
          h.log_order
        LIMIT
          1
      ) first ON true
    WHERE
      slot.found_before <= $limit::integer
  ),
  arrival AS MATERIALIZED (
    SELECT
      h.application,
      h.environment_name,
      h.deployment_id,
      h.image_tag,
      h.log_order,
      h.deployed_at AS arrived_at
    FROM
      slot
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
      AND h.deployment_id = slot.deployment_id
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
      ) h
    WHERE
      h.tenant = $tenant
      AND h.image_tag = $name
      AND h.application = $firstApplication
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
              'firstDeployedAt',
              instant (h.arrived_at),
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
