-- changed applications

-- deployments
SELECT
  application,
  count(*)::int AS deployments
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
  tenant = $tenant
  AND environment_name = ANY ($environments)
  AND application = $application
  AND known_from > $since::timestamptz
GROUP BY
  application
HAVING
  bool_or(known_from > $since::timestamptz)
ORDER BY
  application

-- deployments, several values and labels
SELECT
  application,
  count(*)::int AS deployments
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
  tenant = $tenant
  AND environment_name = ANY ($environments)
  AND application = ANY ($applications)
  AND known_from > $since::timestamptz
GROUP BY
  application
HAVING
  bool_or(known_from > $since::timestamptz)
ORDER BY
  application

-- deploymentFrequency
SELECT
  application,
  count(*)::int AS deployments
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
  tenant = $tenant
  AND environment_name = ANY ($environments)
  AND known_from > $since::timestamptz
GROUP BY
  application
HAVING
  bool_or(known_from > $since::timestamptz)
ORDER BY
  application

-- changeFailRate
SELECT
  application,
  count(*)::int AS deployments
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
  tenant = $tenant
  AND environment_name = ANY ($environments)
  AND (
    voided_at IS NULL
    OR known_from > $since::timestamptz
  )
GROUP BY
  application
HAVING
  bool_or(known_from > $since::timestamptz)
  OR application IN (
    SELECT
      i.application
    FROM
      incident i
    WHERE
      i.tenant = $tenant
      AND i.environment_name = ANY ($environments)
      AND greatest(i.recorded_at, i.resolution_known_from) > $since::timestamptz
  )
ORDER BY
  application

-- changeFailRate, several values and labels
SELECT
  application,
  count(*)::int AS deployments
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
  tenant = $tenant
  AND environment_name = ANY ($environments)
  AND application = ANY ($applications)
  AND (
    voided_at IS NULL
    OR known_from > $since::timestamptz
  )
GROUP BY
  application
HAVING
  bool_or(known_from > $since::timestamptz)
  OR application IN (
    SELECT
      i.application
    FROM
      incident i
    WHERE
      i.tenant = $tenant
      AND i.environment_name = ANY ($environments)
      AND greatest(i.recorded_at, i.resolution_known_from) > $since::timestamptz
  )
ORDER BY
  application

-- leadTimeForChange
SELECT
  application,
  count(*)::int AS deployments
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
  tenant = $tenant
  AND environment_name = ANY ($environments)
  AND (
    voided_at IS NULL
    OR known_from > $since::timestamptz
  )
GROUP BY
  application
HAVING
  bool_or(known_from > $since::timestamptz)
ORDER BY
  application

-- leadTimeForChange, several values and labels
SELECT
  application,
  count(*)::int AS deployments
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
  tenant = $tenant
  AND environment_name = ANY ($environments)
  AND application = ANY ($applications)
  AND (
    voided_at IS NULL
    OR known_from > $since::timestamptz
  )
GROUP BY
  application
HAVING
  bool_or(known_from > $since::timestamptz)
ORDER BY
  application
