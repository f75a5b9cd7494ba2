-- delete current configuration

DELETE FROM configuration_current c USING unnest($deleted_tenant::text[], $deleted_environment::text[], $deleted_kind::text[], $deleted_key::text[]) AS deleted (tenant, environment, kind, key)
WHERE
  c.tenant = deleted.tenant
  AND c.environment = deleted.environment
  AND c.kind = deleted.kind
  AND c.key = deleted.key
