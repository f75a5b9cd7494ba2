-- delete key schemas

DELETE FROM key_schema s USING unnest($deleted_tenant::text[], $deleted_key_pattern::text[]) AS deleted (tenant, key_pattern)
WHERE
  s.tenant = deleted.tenant
  AND s.key_pattern = deleted.key_pattern
