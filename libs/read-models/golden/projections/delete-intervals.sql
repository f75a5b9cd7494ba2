-- delete intervals

DELETE FROM deployment_interval s USING (
  SELECT
    s.ctid
  FROM
    unnest(
      $outdated_tenant::text[],
      $outdated_application::text[],
      $outdated_environment_name::text[],
      $outdated_from_at::timestamptz[]
    ) AS outdated (tenant, application, environment_name, from_at)
    CROSS JOIN LATERAL (
      SELECT
        s.ctid
      FROM
        deployment_interval s
      WHERE
        (s.tenant, s.application, s.environment_name, s.from_at) >= (outdated.tenant, outdated.application, outdated.environment_name, outdated.from_at)
        AND (s.tenant, s.application, s.environment_name, s.from_at) <= (outdated.tenant, outdated.application, outdated.environment_name, outdated.from_at)
      ORDER BY
        s.tenant,
        s.application,
        s.environment_name,
        s.from_at
      OFFSET
        0
    ) s
) outdated
WHERE
  s.ctid = outdated.ctid
