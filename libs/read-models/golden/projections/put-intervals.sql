-- put intervals

INSERT INTO
  deployment_interval (
    tenant,
    application,
    environment_name,
    from_at,
    deployment_id,
    image_tag,
    deployed_at,
    log_order,
    by_rollback,
    new_tag,
    removed
  )
SELECT
  *
FROM
  unnest(
    $interval_tenant::text[],
    $interval_application::text[],
    $interval_environment_name::text[],
    $interval_from_at::timestamptz[],
    $interval_deployment_id::uuid[],
    $interval_image_tag::text[],
    $interval_deployed_at::timestamptz[],
    $interval_log_order::bigint[],
    $interval_by_rollback::boolean[],
    $interval_new_tag::boolean[],
    $interval_removed::boolean[]
  ) AS interval(
    tenant,
    application,
    environment_name,
    from_at,
    deployment_id,
    image_tag,
    deployed_at,
    log_order,
    by_rollback,
    new_tag,
    removed
  )
ON CONFLICT (tenant, application, environment_name, from_at) DO UPDATE
SET
  deployment_id = excluded.deployment_id,
  image_tag = excluded.image_tag,
  deployed_at = excluded.deployed_at,
  log_order = excluded.log_order,
  by_rollback = excluded.by_rollback,
  new_tag = excluded.new_tag,
  removed = excluded.removed
