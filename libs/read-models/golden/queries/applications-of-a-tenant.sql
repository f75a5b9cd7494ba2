-- applications of a tenant

WITH RECURSIVE
  known AS (
    SELECT
      min(a.application) AS application
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
      ) a
    WHERE
      a.tenant = $tenant
      AND a.application > $after
    UNION ALL
    SELECT
      next.application
    FROM
      known
      CROSS JOIN LATERAL (
        SELECT
          min(a.application) AS application
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
          ) a
        WHERE
          a.tenant = $tenant
          AND a.application > known.application
      ) next
    WHERE
      known.application IS NOT NULL
  )
SELECT
  application
FROM
  known
WHERE
  application IS NOT NULL
LIMIT
  $limit

-- of an application
WITH RECURSIVE
  known AS (
    SELECT
      min(a.application) AS application
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
      ) a
    WHERE
      a.tenant = $tenant
      AND a.application = $application
      AND a.application > $after
    UNION ALL
    SELECT
      next.application
    FROM
      known
      CROSS JOIN LATERAL (
        SELECT
          min(a.application) AS application
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
          ) a
        WHERE
          a.tenant = $tenant
          AND a.application = $application
          AND a.application > known.application
      ) next
    WHERE
      known.application IS NOT NULL
  )
SELECT
  application
FROM
  known
WHERE
  application IS NOT NULL
LIMIT
  $limit

-- of several applications, by label
WITH RECURSIVE
  known AS (
    SELECT
      a.application
    FROM
      unnest($applications::text[]) WITH ORDINALITY AS wanted (application, n)
      CROSS JOIN LATERAL (
        SELECT
          wanted.application COLLATE "C" AS application
      ) a
    WHERE
      EXISTS (
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
          ) known
        WHERE
          known.tenant = $tenant
          AND known.application = a.application
      )
    ORDER BY
      n
  )
SELECT
  application
FROM
  known
WHERE
  application IS NOT NULL
LIMIT
  $limit
