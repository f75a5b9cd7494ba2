-- put current configuration

INSERT INTO
  configuration_current (tenant, environment, kind, key, revision, id, hash, value, secret, description, changed_at, changed_by)
SELECT
  *
FROM
  unnest(
    $changed_tenant::text[],
    $changed_environment::text[],
    $changed_kind::text[],
    $changed_key::text[],
    $changed_revision::integer[],
    $changed_id::uuid[],
    $changed_hash::text[],
    $changed_value::json[],
    $changed_secret::boolean[],
    $changed_description::text[],
    $changed_changed_at::timestamptz[],
    $changed_changed_by::text[]
  ) AS changed (tenant, environment, kind, key, revision, id, hash, value, secret, description, changed_at, changed_by)
ON CONFLICT (tenant, environment, kind, key) DO UPDATE
SET
  revision = excluded.revision,
  id = excluded.id,
  hash = excluded.hash,
  value = excluded.value,
  secret = excluded.secret,
  description = excluded.description,
  changed_at = excluded.changed_at,
  changed_by = excluded.changed_by
