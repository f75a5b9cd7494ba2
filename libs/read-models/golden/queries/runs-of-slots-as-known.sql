-- runs of slots as known

SELECT
  slot.n::integer,
  run.*
FROM
  unnest($applications::text[], $environments::text[], $starts::timestamptz[], $orders::bigint[]) WITH ORDINALITY AS slot (application, environment, start, log_order, n)
  CROSS JOIN LATERAL (
    SELECT
      h.deployment_id,
      h.image_tag,
      milliseconds (h.deployed_at) AS deployed_at,
      h.log_order,
      milliseconds (h.finished_at) AS
    from
,
      milliseconds (
        CASE
          WHEN h.status = 'DEPLOYED' THEN 'infinity'
          ELSE h.rolled_back_at
        END
      ) AS until,
      milliseconds (h.removed_at) AS removed_at
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
      h.tenant = $tenant
      AND h.application = slot.application
      AND h.environment_name = slot.environment
      AND (h.deployed_at, h.log_order) < (slot.start, slot.log_order)
      AND h.succeeded
      AND (
        h.status = 'DEPLOYED'
        OR h.rolled_back_at > h.finished_at
      )
    ORDER BY
      h.deployed_at DESC,
      h.log_order DESC
    LIMIT
      $count::integer
  ) run
ORDER BY
  slot.n,
  run.deployed_at DESC,
  run.log_order DESC
