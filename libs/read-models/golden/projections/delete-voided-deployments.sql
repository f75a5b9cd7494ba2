-- delete voided deployments

DELETE FROM deployment_history h USING (
  SELECT
    h.ctid
  FROM
    unnest(
      $version_tenant::text[],
      $version_deployment_id::uuid[],
      $version_application::text[],
      $version_environment::text[],
      $version_image_tag::text[],
      $version_image::text[],
      $version_git_commit::text[],
      $version_git_branch::text[],
      $version_status::text[],
      $version_deployed_at::timestamptz[],
      $version_completed_at::timestamptz[],
      $version_rolled_back_at::timestamptz[],
      $version_rollback_reason::text[],
      $version_rollback_of::uuid[],
      $version_removed_at::timestamptz[],
      $version_failure_reason::text[],
      $version_actor::text[],
      $version_pipeline::json[],
      $version_commits::json[],
      $version_notes::text[],
      $version_migrations::json[],
      $version_unplanned::boolean[],
      $version_labels::json[],
      $version_during_freeze::text[],
      $version_environment_name::text[],
      $version_succeeded::boolean[],
      $version_finished_at::timestamptz[],
      $version_correlation_id::text[],
      $version_recorded_at::timestamptz[],
      $version_partition::smallint[],
      $version_recorded_seq::bigint[],
      $version_log_order::bigint[],
      $version_last_seq::bigint[],
      $version_version::integer[],
      $version_recorded_bytes::integer[],
      $version_known_from::timestamptz[],
      $version_voided_at::timestamptz[]
    ) AS version(
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
      voided_at
    )
    CROSS JOIN LATERAL (
      SELECT
        h.ctid
      FROM
        deployment_history h
      WHERE
        (h.tenant, h.deployment_id) >= (version.tenant, version.deployment_id)
        AND (h.tenant, h.deployment_id) <= (version.tenant, version.deployment_id)
      ORDER BY
        h.tenant,
        h.deployment_id
      OFFSET
        0
    ) h
) voided
WHERE
  h.ctid = voided.ctid
