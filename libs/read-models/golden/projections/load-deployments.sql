-- load deployments

SELECT
  h.tenant,
  h.environment_name,
  h.correlation_id,
  instant (h.recorded_at) AS recorded_at,
  h.partition,
  h.recorded_seq,
  h.last_seq,
  h.version,
  h.recorded_bytes,
  instant (h.known_from) AS known_from,
  h.inferred_rollback_of,
  json_strip_nulls(
    json_build_object(
      'id',
      h.deployment_id,
      'application',
      h.application,
      'environment',
      h.environment,
      'imageTag',
      h.image_tag,
      'image',
      h.image,
      'gitCommit',
      h.git_commit,
      'gitBranch',
      h.git_branch,
      'status',
      h.status,
      'deployedAt',
      instant (h.deployed_at),
      'completedAt',
      instant (h.completed_at),
      'rolledBackAt',
      instant (h.rolled_back_at),
      'rollbackReason',
      h.rollback_reason,
      'rollbackOf',
      h.rollback_of,
      'removedAt',
      instant (h.removed_at),
      'failureReason',
      h.failure_reason,
      'actor',
      h.actor,
      'pipeline',
      h.pipeline,
      'commits',
      h.commits,
      'notes',
      h.notes,
      'migrations',
      h.migrations,
      'unplanned',
      h.unplanned,
      'labels',
      h.labels,
      'duringFreeze',
      h.during_freeze,
      'succeeded',
      h.succeeded
    )
  ) AS record
FROM
  unnest($wanted_tenant::text[], $wanted_deployment_id::uuid[]) AS wanted (tenant, deployment_id)
  CROSS JOIN LATERAL (
    SELECT
      h.*
    FROM
      deployment_history h
    WHERE
      (h.tenant, h.deployment_id) >= (wanted.tenant, wanted.deployment_id)
      AND (h.tenant, h.deployment_id) <= (wanted.tenant, wanted.deployment_id)
    ORDER BY
      h.tenant,
      h.deployment_id
    OFFSET
      0
  ) h
