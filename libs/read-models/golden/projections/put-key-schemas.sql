-- put key schemas

INSERT INTO
  key_schema (tenant, key_pattern, schema, updated_at, updated_by)
SELECT
  *
FROM
  unnest(
    $changed_tenant::text[],
    $changed_key_pattern::text[],
    $changed_schema::json[],
    $changed_updated_at::timestamptz[],
    $changed_updated_by::text[]
  ) AS changed (tenant, key_pattern, schema, updated_at, updated_by)
ON CONFLICT (tenant, key_pattern) DO UPDATE
SET schema = excluded.schema,
updated_at = excluded.updated_at,
updated_by = excluded.updated_by
