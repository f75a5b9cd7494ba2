-- keep changed commits

INSERT INTO
  deployment_changed_commit (tenant, deployment_id, sha)
SELECT
  *
FROM
  unnest($commit_tenant::text[], $commit_deployment_id::uuid[], $commit_sha::text[]) AS
commit (tenant, deployment_id, sha)
ON CONFLICT DO NOTHING
