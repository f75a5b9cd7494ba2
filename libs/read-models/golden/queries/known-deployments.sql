-- known deployments

-- deployments
SELECT
  application,
  h.deployment_id AS id,
  h.environment_name AS environment,
  h.partition,
  h.recorded_seq::float8 AS "recordedSeq",
  h.log_order::text AS "logOrder",
  h.last_seq::float8 AS "lastSeq",
  h.version,
  milliseconds (h.known_from) AS "knownMs",
  h.image_tag AS tag,
  h.status,
  h.succeeded,
  milliseconds (h.deployed_at) AS start,
  milliseconds (h.finished_at) AS finish,
  h.completed_at IS NOT NULL AS completed,
  milliseconds (h.rolled_back_at) AS "rolledBack",
  milliseconds (h.removed_at) AS removed,
  h.rollback_of AS "rollbackOf",
  h.unplanned,
  NULL AS commits,
  h.git_commit AS "gitCommit",
  CASE
    WHEN h.version > 1
    AND h.known_from > $since::timestamptz THEN (
      SELECT
        json_agg(
          json_build_array(
            e.version,
            e.seq,
            milliseconds (e.recorded_at),
            e.type,
            CASE e.type
              WHEN 'io.shiplog.deployment.recorded.v1' THEN json_strip_nulls(
                json_build_object(
                  'deploymentId',
                  e.deployment_id,
                  'application',
                  e.data -> 'application',
                  'environment',
                  e.data -> 'environment',
                  'imageTag',
                  e.data -> 'imageTag',
                  'status',
                  e.data -> 'status',
                  'deployedAt',
                  e.data -> 'deployedAt',
                  'completedAt',
                  e.data -> 'completedAt',
                  'rolledBackAt',
                  e.data -> 'rolledBackAt',
                  'rollbackOf',
                  e.data -> 'rollbackOf',
                  'unplanned',
                  e.data -> 'unplanned'
                )
              )
              WHEN 'io.shiplog.deployment.corrected.v1' THEN json_build_object(
                'deploymentId',
                e.deployment_id,
                'corrections',
                (
                  SELECT
                    coalesce(json_agg(json_strip_nulls(json_build_object('field', c -> 'field', 'after', c -> 'after'))), '[]')
                  FROM
                    json_array_elements(e.data -> 'corrections') c
                  WHERE
                    c ->> 'field' NOT IN ('notes', 'image', 'gitCommit', 'commits')
                )
              )
              ELSE e.data
            END
          )
          ORDER BY
            e.version
        )
      FROM
        deployment_event e
      WHERE
        e.tenant = h.tenant
        AND e.deployment_id = h.deployment_id
    )
  END AS events,
  true AS "isCounted",
  n,
  total
FROM
  (
    SELECT
      *,
      count(*) OVER () AS total,
      row_number() OVER w AS n,
      sum(0) OVER w - (0) AS commits_before
    FROM
      (
        SELECT
          *
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
          -- planner: one application is in index order; several have no more deployments than one chunk.
        WHERE
          tenant = $tenant
          AND application = $application
          AND environment_name = ANY ($environments)
          AND known_from > $since::timestamptz
        ORDER BY
          deployed_at,
          log_order
        LIMIT
          $atOnce::integer
      ) h
    WINDOW
      w AS (
        ORDER BY
          deployed_at,
          log_order
      )
  ) h
WHERE
  commits_before < 20000
ORDER BY
  n

-- deployments, several values and labels
SELECT
  application,
  h.deployment_id AS id,
  h.environment_name AS environment,
  h.partition,
  h.recorded_seq::float8 AS "recordedSeq",
  h.log_order::text AS "logOrder",
  h.last_seq::float8 AS "lastSeq",
  h.version,
  milliseconds (h.known_from) AS "knownMs",
  h.image_tag AS tag,
  h.status,
  h.succeeded,
  milliseconds (h.deployed_at) AS start,
  milliseconds (h.finished_at) AS finish,
  h.completed_at IS NOT NULL AS completed,
  milliseconds (h.rolled_back_at) AS "rolledBack",
  milliseconds (h.removed_at) AS removed,
  h.rollback_of AS "rollbackOf",
  h.unplanned,
  NULL AS commits,
  h.git_commit AS "gitCommit",
  CASE
    WHEN h.version > 1
    AND h.known_from > $since::timestamptz THEN (
      SELECT
        json_agg(
          json_build_array(
            e.version,
            e.seq,
            milliseconds (e.recorded_at),
            e.type,
            CASE e.type
              WHEN 'io.shiplog.deployment.recorded.v1' THEN json_strip_nulls(
                json_build_object(
                  'deploymentId',
                  e.deployment_id,
                  'application',
                  e.data -> 'application',
                  'environment',
                  e.data -> 'environment',
                  'imageTag',
                  e.data -> 'imageTag',
                  'status',
                  e.data -> 'status',
                  'deployedAt',
                  e.data -> 'deployedAt',
                  'completedAt',
                  e.data -> 'completedAt',
                  'rolledBackAt',
                  e.data -> 'rolledBackAt',
                  'rollbackOf',
                  e.data -> 'rollbackOf',
                  'unplanned',
                  e.data -> 'unplanned'
                )
              )
              WHEN 'io.shiplog.deployment.corrected.v1' THEN json_build_object(
                'deploymentId',
                e.deployment_id,
                'corrections',
                (
                  SELECT
                    coalesce(json_agg(json_strip_nulls(json_build_object('field', c -> 'field', 'after', c -> 'after'))), '[]')
                  FROM
                    json_array_elements(e.data -> 'corrections') c
                  WHERE
                    c ->> 'field' NOT IN ('notes', 'image', 'gitCommit', 'commits')
                )
              )
              ELSE e.data
            END
          )
          ORDER BY
            e.version
        )
      FROM
        deployment_event e
      WHERE
        e.tenant = h.tenant
        AND e.deployment_id = h.deployment_id
    )
  END AS events,
  EXISTS (
    SELECT
    FROM
      deployment_label l
    WHERE
      l.tenant = $tenant
      AND l.deployment_id = h.deployment_id
      AND l.label = $label0::uuid
  ) AS "isCounted",
  n,
  total
FROM
  (
    SELECT
      *,
      count(*) OVER () AS total,
      row_number() OVER w AS n,
      sum(0) OVER w - (0) AS commits_before
    FROM
      (
        SELECT
          *
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
          -- planner: one application is in index order; several have no more deployments than one chunk.
        WHERE
          tenant = $tenant
          AND application = $application
          AND environment_name = ANY ($environments)
          AND known_from > $since::timestamptz
        ORDER BY
          deployed_at,
          log_order
        LIMIT
          $atOnce::integer
      ) h
    WINDOW
      w AS (
        ORDER BY
          deployed_at,
          log_order
      )
  ) h
WHERE
  commits_before < 20000
ORDER BY
  n

-- changeFailRate
SELECT
  application,
  h.deployment_id AS id,
  h.environment_name AS environment,
  h.partition,
  h.recorded_seq::float8 AS "recordedSeq",
  h.log_order::text AS "logOrder",
  h.last_seq::float8 AS "lastSeq",
  h.version,
  milliseconds (h.known_from) AS "knownMs",
  h.image_tag AS tag,
  h.status,
  h.succeeded,
  milliseconds (h.deployed_at) AS start,
  milliseconds (h.finished_at) AS finish,
  h.completed_at IS NOT NULL AS completed,
  milliseconds (h.rolled_back_at) AS "rolledBack",
  milliseconds (h.removed_at) AS removed,
  h.rollback_of AS "rollbackOf",
  h.unplanned,
  NULL AS commits,
  h.git_commit AS "gitCommit",
  CASE
    WHEN h.version > 1
    AND h.known_from > $since::timestamptz THEN (
      SELECT
        json_agg(
          json_build_array(
            e.version,
            e.seq,
            milliseconds (e.recorded_at),
            e.type,
            CASE e.type
              WHEN 'io.shiplog.deployment.recorded.v1' THEN json_strip_nulls(
                json_build_object(
                  'deploymentId',
                  e.deployment_id,
                  'application',
                  e.data -> 'application',
                  'environment',
                  e.data -> 'environment',
                  'imageTag',
                  e.data -> 'imageTag',
                  'status',
                  e.data -> 'status',
                  'deployedAt',
                  e.data -> 'deployedAt',
                  'completedAt',
                  e.data -> 'completedAt',
                  'rolledBackAt',
                  e.data -> 'rolledBackAt',
                  'rollbackOf',
                  e.data -> 'rollbackOf',
                  'unplanned',
                  e.data -> 'unplanned'
                )
              )
              WHEN 'io.shiplog.deployment.corrected.v1' THEN json_build_object(
                'deploymentId',
                e.deployment_id,
                'corrections',
                (
                  SELECT
                    coalesce(json_agg(json_strip_nulls(json_build_object('field', c -> 'field', 'after', c -> 'after'))), '[]')
                  FROM
                    json_array_elements(e.data -> 'corrections') c
                  WHERE
                    c ->> 'field' NOT IN ('notes', 'image', 'gitCommit', 'commits')
                )
              )
              ELSE e.data
            END
          )
          ORDER BY
            e.version
        )
      FROM
        deployment_event e
      WHERE
        e.tenant = h.tenant
        AND e.deployment_id = h.deployment_id
    )
  END AS events,
  true AS "isCounted",
  n,
  total
FROM
  (
    SELECT
      *,
      count(*) OVER () AS total,
      row_number() OVER w AS n,
      sum(0) OVER w - (0) AS commits_before
    FROM
      (
        SELECT
          *
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
          -- planner: one application is in index order; several have no more deployments than one chunk.
        WHERE
          tenant = $tenant
          AND application = $application
          AND environment_name = ANY ($environments)
          AND (
            voided_at IS NULL
            OR known_from > $since::timestamptz
          )
        ORDER BY
          deployed_at,
          log_order
        LIMIT
          $atOnce::integer
      ) h
    WINDOW
      w AS (
        ORDER BY
          deployed_at,
          log_order
      )
  ) h
WHERE
  commits_before < 20000
ORDER BY
  n

-- changeFailRate, several values and labels
SELECT
  application,
  h.deployment_id AS id,
  h.environment_name AS environment,
  h.partition,
  h.recorded_seq::float8 AS "recordedSeq",
  h.log_order::text AS "logOrder",
  h.last_seq::float8 AS "lastSeq",
  h.version,
  milliseconds (h.known_from) AS "knownMs",
  h.image_tag AS tag,
  h.status,
  h.succeeded,
  milliseconds (h.deployed_at) AS start,
  milliseconds (h.finished_at) AS finish,
  h.completed_at IS NOT NULL AS completed,
  milliseconds (h.rolled_back_at) AS "rolledBack",
  milliseconds (h.removed_at) AS removed,
  h.rollback_of AS "rollbackOf",
  h.unplanned,
  NULL AS commits,
  h.git_commit AS "gitCommit",
  CASE
    WHEN h.version > 1
    AND h.known_from > $since::timestamptz THEN (
      SELECT
        json_agg(
          json_build_array(
            e.version,
            e.seq,
            milliseconds (e.recorded_at),
            e.type,
            CASE e.type
              WHEN 'io.shiplog.deployment.recorded.v1' THEN json_strip_nulls(
                json_build_object(
                  'deploymentId',
                  e.deployment_id,
                  'application',
                  e.data -> 'application',
                  'environment',
                  e.data -> 'environment',
                  'imageTag',
                  e.data -> 'imageTag',
                  'status',
                  e.data -> 'status',
                  'deployedAt',
                  e.data -> 'deployedAt',
                  'completedAt',
                  e.data -> 'completedAt',
                  'rolledBackAt',
                  e.data -> 'rolledBackAt',
                  'rollbackOf',
                  e.data -> 'rollbackOf',
                  'unplanned',
                  e.data -> 'unplanned'
                )
              )
              WHEN 'io.shiplog.deployment.corrected.v1' THEN json_build_object(
                'deploymentId',
                e.deployment_id,
                'corrections',
                (
                  SELECT
                    coalesce(json_agg(json_strip_nulls(json_build_object('field', c -> 'field', 'after', c -> 'after'))), '[]')
                  FROM
                    json_array_elements(e.data -> 'corrections') c
                  WHERE
                    c ->> 'field' NOT IN ('notes', 'image', 'gitCommit', 'commits')
                )
              )
              ELSE e.data
            END
          )
          ORDER BY
            e.version
        )
      FROM
        deployment_event e
      WHERE
        e.tenant = h.tenant
        AND e.deployment_id = h.deployment_id
    )
  END AS events,
  EXISTS (
    SELECT
    FROM
      deployment_label l
    WHERE
      l.tenant = $tenant
      AND l.deployment_id = h.deployment_id
      AND l.label = $label0::uuid
  ) AS "isCounted",
  n,
  total
FROM
  (
    SELECT
      *,
      count(*) OVER () AS total,
      row_number() OVER w AS n,
      sum(0) OVER w - (0) AS commits_before
    FROM
      (
        SELECT
          *
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
          -- planner: one application is in index order; several have no more deployments than one chunk.
        WHERE
          tenant = $tenant
          AND application = $application
          AND environment_name = ANY ($environments)
          AND (
            voided_at IS NULL
            OR known_from > $since::timestamptz
          )
        ORDER BY
          deployed_at,
          log_order
        LIMIT
          $atOnce::integer
      ) h
    WINDOW
      w AS (
        ORDER BY
          deployed_at,
          log_order
      )
  ) h
WHERE
  commits_before < 20000
ORDER BY
  n

-- leadTimeForChange
SELECT
  application,
  h.deployment_id AS id,
  h.environment_name AS environment,
  h.partition,
  h.recorded_seq::float8 AS "recordedSeq",
  h.log_order::text AS "logOrder",
  h.last_seq::float8 AS "lastSeq",
  h.version,
  milliseconds (h.known_from) AS "knownMs",
  h.image_tag AS tag,
  h.status,
  h.succeeded,
  milliseconds (h.deployed_at) AS start,
  milliseconds (h.finished_at) AS finish,
  h.completed_at IS NOT NULL AS completed,
  milliseconds (h.rolled_back_at) AS "rolledBack",
  milliseconds (h.removed_at) AS removed,
  h.rollback_of AS "rollbackOf",
  h.unplanned,
  (
    SELECT
      json_agg(
        json_build_array(value ->> 'sha', milliseconds ((value ->> 'committedAt')::timestamptz(3)))
        ORDER BY
          ordinality
      )
    FROM
      json_array_elements(h.commits) WITH ORDINALITY
  ) AS commits,
  h.git_commit AS "gitCommit",
  CASE
    WHEN h.version > 1
    AND h.known_from > $since::timestamptz THEN (
      SELECT
        json_agg(
          json_build_array(
            e.version,
            e.seq,
            milliseconds (e.recorded_at),
            e.type,
            CASE e.type
              WHEN 'io.shiplog.deployment.recorded.v1' THEN json_strip_nulls(
                json_build_object(
                  'deploymentId',
                  e.deployment_id,
                  'application',
                  e.data -> 'application',
                  'environment',
                  e.data -> 'environment',
                  'imageTag',
                  e.data -> 'imageTag',
                  'status',
                  e.data -> 'status',
                  'deployedAt',
                  e.data -> 'deployedAt',
                  'completedAt',
                  e.data -> 'completedAt',
                  'rolledBackAt',
                  e.data -> 'rolledBackAt',
                  'rollbackOf',
                  e.data -> 'rollbackOf',
                  'unplanned',
                  e.data -> 'unplanned',
                  'gitCommit',
                  e.data -> 'gitCommit',
                  'commits',
                  e.data -> 'commits'
                )
              )
              WHEN 'io.shiplog.deployment.corrected.v1' THEN json_build_object(
                'deploymentId',
                e.deployment_id,
                'corrections',
                (
                  SELECT
                    coalesce(json_agg(json_strip_nulls(json_build_object('field', c -> 'field', 'after', c -> 'after'))), '[]')
                  FROM
                    json_array_elements(e.data -> 'corrections') c
                  WHERE
                    c ->> 'field' NOT IN ('notes', 'image')
                )
              )
              ELSE e.data
            END
          )
          ORDER BY
            e.version
        )
      FROM
        deployment_event e
      WHERE
        e.tenant = h.tenant
        AND e.deployment_id = h.deployment_id
    )
  END AS events,
  true AS "isCounted",
  n,
  total
FROM
  (
    SELECT
      *,
      count(*) OVER () AS total,
      row_number() OVER w AS n,
      sum(
        coalesce(json_array_length(commits), 0) + CASE
          WHEN version > 1
          AND known_from > $since::timestamptz THEN recorded_bytes / 64
          ELSE 0
        END
      ) OVER w - (
        coalesce(json_array_length(commits), 0) + CASE
          WHEN version > 1
          AND known_from > $since::timestamptz THEN recorded_bytes / 64
          ELSE 0
        END
      ) AS commits_before
    FROM
      (
        SELECT
          *
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
          -- planner: one application is in index order; several have no more deployments than one chunk.
        WHERE
          tenant = $tenant
          AND application = $application
          AND environment_name = ANY ($environments)
          AND (
            voided_at IS NULL
            OR known_from > $since::timestamptz
          )
        ORDER BY
          deployed_at,
          log_order
        LIMIT
          $atOnce::integer
      ) h
    WINDOW
      w AS (
        ORDER BY
          deployed_at,
          log_order
      )
  ) h
WHERE
  commits_before < 20000
ORDER BY
  n

-- leadTimeForChange, several values and labels
SELECT
  application,
  h.deployment_id AS id,
  h.environment_name AS environment,
  h.partition,
  h.recorded_seq::float8 AS "recordedSeq",
  h.log_order::text AS "logOrder",
  h.last_seq::float8 AS "lastSeq",
  h.version,
  milliseconds (h.known_from) AS "knownMs",
  h.image_tag AS tag,
  h.status,
  h.succeeded,
  milliseconds (h.deployed_at) AS start,
  milliseconds (h.finished_at) AS finish,
  h.completed_at IS NOT NULL AS completed,
  milliseconds (h.rolled_back_at) AS "rolledBack",
  milliseconds (h.removed_at) AS removed,
  h.rollback_of AS "rollbackOf",
  h.unplanned,
  (
    SELECT
      json_agg(
        json_build_array(value ->> 'sha', milliseconds ((value ->> 'committedAt')::timestamptz(3)))
        ORDER BY
          ordinality
      )
    FROM
      json_array_elements(h.commits) WITH ORDINALITY
  ) AS commits,
  h.git_commit AS "gitCommit",
  CASE
    WHEN h.version > 1
    AND h.known_from > $since::timestamptz THEN (
      SELECT
        json_agg(
          json_build_array(
            e.version,
            e.seq,
            milliseconds (e.recorded_at),
            e.type,
            CASE e.type
              WHEN 'io.shiplog.deployment.recorded.v1' THEN json_strip_nulls(
                json_build_object(
                  'deploymentId',
                  e.deployment_id,
                  'application',
                  e.data -> 'application',
                  'environment',
                  e.data -> 'environment',
                  'imageTag',
                  e.data -> 'imageTag',
                  'status',
                  e.data -> 'status',
                  'deployedAt',
                  e.data -> 'deployedAt',
                  'completedAt',
                  e.data -> 'completedAt',
                  'rolledBackAt',
                  e.data -> 'rolledBackAt',
                  'rollbackOf',
                  e.data -> 'rollbackOf',
                  'unplanned',
                  e.data -> 'unplanned',
                  'gitCommit',
                  e.data -> 'gitCommit',
                  'commits',
                  e.data -> 'commits'
                )
              )
              WHEN 'io.shiplog.deployment.corrected.v1' THEN json_build_object(
                'deploymentId',
                e.deployment_id,
                'corrections',
                (
                  SELECT
                    coalesce(json_agg(json_strip_nulls(json_build_object('field', c -> 'field', 'after', c -> 'after'))), '[]')
                  FROM
                    json_array_elements(e.data -> 'corrections') c
                  WHERE
                    c ->> 'field' NOT IN ('notes', 'image')
                )
              )
              ELSE e.data
            END
          )
          ORDER BY
            e.version
        )
      FROM
        deployment_event e
      WHERE
        e.tenant = h.tenant
        AND e.deployment_id = h.deployment_id
    )
  END AS events,
  EXISTS (
    SELECT
    FROM
      deployment_label l
    WHERE
      l.tenant = $tenant
      AND l.deployment_id = h.deployment_id
      AND l.label = $label0::uuid
  ) AS "isCounted",
  n,
  total
FROM
  (
    SELECT
      *,
      count(*) OVER () AS total,
      row_number() OVER w AS n,
      sum(
        coalesce(json_array_length(commits), 0) + CASE
          WHEN version > 1
          AND known_from > $since::timestamptz THEN recorded_bytes / 64
          ELSE 0
        END
      ) OVER w - (
        coalesce(json_array_length(commits), 0) + CASE
          WHEN version > 1
          AND known_from > $since::timestamptz THEN recorded_bytes / 64
          ELSE 0
        END
      ) AS commits_before
    FROM
      (
        SELECT
          *
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
          -- planner: one application is in index order; several have no more deployments than one chunk.
        WHERE
          tenant = $tenant
          AND application = $application
          AND environment_name = ANY ($environments)
          AND (
            voided_at IS NULL
            OR known_from > $since::timestamptz
          )
        ORDER BY
          deployed_at,
          log_order
        LIMIT
          $atOnce::integer
      ) h
    WINDOW
      w AS (
        ORDER BY
          deployed_at,
          log_order
      )
  ) h
WHERE
  commits_before < 20000
ORDER BY
  n

-- further ones
SELECT
  application,
  h.deployment_id AS id,
  h.environment_name AS environment,
  h.partition,
  h.recorded_seq::float8 AS "recordedSeq",
  h.log_order::text AS "logOrder",
  h.last_seq::float8 AS "lastSeq",
  h.version,
  milliseconds (h.known_from) AS "knownMs",
  h.image_tag AS tag,
  h.status,
  h.succeeded,
  milliseconds (h.deployed_at) AS start,
  milliseconds (h.finished_at) AS finish,
  h.completed_at IS NOT NULL AS completed,
  milliseconds (h.rolled_back_at) AS "rolledBack",
  milliseconds (h.removed_at) AS removed,
  h.rollback_of AS "rollbackOf",
  h.unplanned,
  NULL AS commits,
  h.git_commit AS "gitCommit",
  CASE
    WHEN h.version > 1
    AND h.known_from > $since::timestamptz THEN (
      SELECT
        json_agg(
          json_build_array(
            e.version,
            e.seq,
            milliseconds (e.recorded_at),
            e.type,
            CASE e.type
              WHEN 'io.shiplog.deployment.recorded.v1' THEN json_strip_nulls(
                json_build_object(
                  'deploymentId',
                  e.deployment_id,
                  'application',
                  e.data -> 'application',
                  'environment',
                  e.data -> 'environment',
                  'imageTag',
                  e.data -> 'imageTag',
                  'status',
                  e.data -> 'status',
                  'deployedAt',
                  e.data -> 'deployedAt',
                  'completedAt',
                  e.data -> 'completedAt',
                  'rolledBackAt',
                  e.data -> 'rolledBackAt',
                  'rollbackOf',
                  e.data -> 'rollbackOf',
                  'unplanned',
                  e.data -> 'unplanned'
                )
              )
              WHEN 'io.shiplog.deployment.corrected.v1' THEN json_build_object(
                'deploymentId',
                e.deployment_id,
                'corrections',
                (
                  SELECT
                    coalesce(json_agg(json_strip_nulls(json_build_object('field', c -> 'field', 'after', c -> 'after'))), '[]')
                  FROM
                    json_array_elements(e.data -> 'corrections') c
                  WHERE
                    c ->> 'field' NOT IN ('notes', 'image', 'gitCommit', 'commits')
                )
              )
              ELSE e.data
            END
          )
          ORDER BY
            e.version
        )
      FROM
        deployment_event e
      WHERE
        e.tenant = h.tenant
        AND e.deployment_id = h.deployment_id
    )
  END AS events,
  true AS "isCounted",
  n,
  total
FROM
  (
    SELECT
      *,
      count(*) OVER () AS total,
      row_number() OVER w AS n,
      sum(0) OVER w - (0) AS commits_before
    FROM
      (
        SELECT
          *
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
          -- planner: one application is in index order; several have no more deployments than one chunk.
        WHERE
          tenant = $tenant
          AND application = $application
          AND environment_name = ANY ($environments)
          AND (deployed_at, log_order) > (to_timestamp($lastStart::float8)::timestamptz(3), $lastLogOrder)
          AND (
            voided_at IS NULL
            OR known_from > $since::timestamptz
          )
        ORDER BY
          deployed_at,
          log_order
        LIMIT
          $atOnce::integer
      ) h
    WINDOW
      w AS (
        ORDER BY
          deployed_at,
          log_order
      )
  ) h
WHERE
  commits_before < 20000
ORDER BY
  n

-- of several applications
SELECT
  application,
  h.deployment_id AS id,
  h.environment_name AS environment,
  h.partition,
  h.recorded_seq::float8 AS "recordedSeq",
  h.log_order::text AS "logOrder",
  h.last_seq::float8 AS "lastSeq",
  h.version,
  milliseconds (h.known_from) AS "knownMs",
  h.image_tag AS tag,
  h.status,
  h.succeeded,
  milliseconds (h.deployed_at) AS start,
  milliseconds (h.finished_at) AS finish,
  h.completed_at IS NOT NULL AS completed,
  milliseconds (h.rolled_back_at) AS "rolledBack",
  milliseconds (h.removed_at) AS removed,
  h.rollback_of AS "rollbackOf",
  h.unplanned,
  NULL AS commits,
  h.git_commit AS "gitCommit",
  CASE
    WHEN h.version > 1
    AND h.known_from > $since::timestamptz THEN (
      SELECT
        json_agg(
          json_build_array(
            e.version,
            e.seq,
            milliseconds (e.recorded_at),
            e.type,
            CASE e.type
              WHEN 'io.shiplog.deployment.recorded.v1' THEN json_strip_nulls(
                json_build_object(
                  'deploymentId',
                  e.deployment_id,
                  'application',
                  e.data -> 'application',
                  'environment',
                  e.data -> 'environment',
                  'imageTag',
                  e.data -> 'imageTag',
                  'status',
                  e.data -> 'status',
                  'deployedAt',
                  e.data -> 'deployedAt',
                  'completedAt',
                  e.data -> 'completedAt',
                  'rolledBackAt',
                  e.data -> 'rolledBackAt',
                  'rollbackOf',
                  e.data -> 'rollbackOf',
                  'unplanned',
                  e.data -> 'unplanned'
                )
              )
              WHEN 'io.shiplog.deployment.corrected.v1' THEN json_build_object(
                'deploymentId',
                e.deployment_id,
                'corrections',
                (
                  SELECT
                    coalesce(json_agg(json_strip_nulls(json_build_object('field', c -> 'field', 'after', c -> 'after'))), '[]')
                  FROM
                    json_array_elements(e.data -> 'corrections') c
                  WHERE
                    c ->> 'field' NOT IN ('notes', 'image', 'gitCommit', 'commits')
                )
              )
              ELSE e.data
            END
          )
          ORDER BY
            e.version
        )
      FROM
        deployment_event e
      WHERE
        e.tenant = h.tenant
        AND e.deployment_id = h.deployment_id
    )
  END AS events,
  true AS "isCounted",
  n,
  total
FROM
  (
    SELECT
      *,
      count(*) OVER () AS total,
      row_number() OVER w AS n,
      sum(0) OVER w - (0) AS commits_before
    FROM
      (
        SELECT
          *
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
          -- planner: one application is in index order; several have no more deployments than one chunk.
        WHERE
          tenant = $tenant
          AND application = ANY ($applications)
          AND environment_name = ANY ($environments)
          AND (
            voided_at IS NULL
            OR known_from > $since::timestamptz
          )
        ORDER BY
          deployed_at,
          log_order
        LIMIT
          $atOnce::integer
      ) h
    WINDOW
      w AS (
        ORDER BY
          deployed_at,
          log_order
      )
  ) h
WHERE
  commits_before < 20000
ORDER BY
  n
