-- delete intervals of slots

DELETE FROM deployment_interval s USING unnest($whole_tenant::text[], $whole_application::text[], $whole_environment_name::text[]) AS whole (tenant, application, environment_name)
WHERE
  (s.tenant, s.application, s.environment_name) = (whole.tenant, whole.application, whole.environment_name)
