-- delete labels

DELETE FROM deployment_label l USING (
  SELECT
    l.ctid
  FROM
    unnest($changed_tenant::text[], $changed_deployment_id::uuid[]) AS changed (tenant, deployment_id)
    CROSS JOIN LATERAL (
      SELECT
        l.ctid
      FROM
        deployment_label l
      WHERE
        (l.tenant, l.deployment_id) >= (changed.tenant, changed.deployment_id)
        AND (l.tenant, l.deployment_id) <= (changed.tenant, changed.deployment_id)
      ORDER BY
        l.tenant,
        l.deployment_id
      OFFSET
        0
    ) l
) outdated
WHERE
  l.ctid = outdated.ctid
