-- put configuration secrets

INSERT INTO
  configuration_secret (tenant, environment, kind, key, revision, seq)
SELECT
  *
FROM
  unnest(
    $marked_tenant::text[],
    $marked_environment::text[],
    $marked_kind::text[],
    $marked_key::text[],
    $marked_revision::integer[],
    $marked_seq::bigint[]
  ) AS marked (tenant, environment, kind, key, revision, seq)
ON CONFLICT (tenant, environment, kind, key) DO UPDATE
SET
  revision = excluded.revision,
  seq = excluded.seq
