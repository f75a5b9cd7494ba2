-- delete commits

DELETE FROM deployment_commit c USING (
  SELECT
    c.ctid
  FROM
    unnest($changed_tenant::text[], $changed_deployment_id::uuid[]) AS changed (tenant, deployment_id)
    CROSS JOIN LATERAL (
      SELECT
        c.ctid
      FROM
        deployment_commit c
      WHERE
        (c.tenant, c.deployment_id) >= (changed.tenant, changed.deployment_id)
        AND (c.tenant, c.deployment_id) <= (changed.tenant, changed.deployment_id)
      ORDER BY
        c.tenant,
        c.deployment_id
      OFFSET
        0
    ) c
) outdated
WHERE
  c.ctid = outdated.ctid
