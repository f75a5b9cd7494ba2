-- relocate incidents

UPDATE incident i
SET
  environment_name = environment.now
FROM
  (
    SELECT
      *
    FROM
      unnest($renamed_tenant::text[], $renamed_environment::text[], $renamed_now::text[]) AS renamed (tenant, environment, now)
  ) environment
WHERE
  i.tenant = environment.tenant
  AND i.named_environment = environment.environment
  AND i.environment_name <> environment.now
