-- fingerprint of a schema

SELECT
  obj_description(oid, 'pg_namespace') AS fingerprint
FROM
  pg_namespace
WHERE
  nspname = $schema
