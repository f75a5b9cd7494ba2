-- insert commits

INSERT INTO
  deployment_commit (tenant, application, environment_name, sha, succeeded, finished_at, log_order, deployment_id, committed_at)
SELECT
  *
FROM
  unnest(
    $commit_tenant::text[],
    $commit_application::text[],
    $commit_environment_name::text[],
    $commit_sha::text[],
    $commit_succeeded::boolean[],
    $commit_finished_at::timestamptz[],
    $commit_log_order::bigint[],
    $commit_deployment_id::uuid[],
    $commit_committed_at::timestamptz[]
  ) AS
commit (tenant, application, environment_name, sha, succeeded, finished_at, log_order, deployment_id, committed_at)
