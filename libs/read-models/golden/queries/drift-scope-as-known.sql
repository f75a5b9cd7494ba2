-- drift scope as known

-- as known
WITH
  requested AS MATERIALIZED (
    SELECT
      as_sent,
      n,
      environment_name ($tenant, key) AS name
    FROM
      unnest($requestedNames::text[], $requestedKeys::text[]) WITH ORDINALITY AS requested (as_sent, key, n)
  )
SELECT
  ARRAY(
    SELECT
      name
    FROM
      requested
    ORDER BY
      n
  ) AS environments,
  ARRAY(
    SELECT
      as_sent
    FROM
      requested
    WHERE
      NOT EXISTS (
        SELECT
        FROM
          environments ($tenant) known
        WHERE
          known.name = requested.name
      )
      AND NOT EXISTS (
        SELECT
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
          AND h.environment_name = requested.name
          AND (
            h.voided_at IS NULL
            OR h.known_from > $knownAt::timestamptz
          )
      )
      AND NOT EXISTS (
        SELECT
        FROM
          configuration_history h
        WHERE
          h.tenant = $tenant
          AND h.environment = requested.name
      )
    ORDER BY
      n
  ) AS unknown,
  ARRAY(
    SELECT
      name
    FROM
      environments ($tenant)
    ORDER BY
      rank
  ) AS pipeline,
  milliseconds (coalesce($asOf::timestamptz, date_trunc('milliseconds', statement_timestamp()))) AS at,
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
