-- mask configuration history

UPDATE configuration_history h
SET
  secret = true,
  value = NULL
FROM
  (
    SELECT
      marked.*,
      coalesce(known.revision, 0) AS since
    FROM
      unnest(
        $marked_tenant::text[],
        $marked_environment::text[],
        $marked_kind::text[],
        $marked_key::text[],
        $marked_revision::integer[],
        $marked_seq::bigint[]
      ) AS marked (tenant, environment, kind, key, revision, seq)
      LEFT JOIN configuration_secret known USING (tenant, environment, kind, key)
  ) marked
WHERE
  h.tenant = marked.tenant
  AND h.environment = marked.environment
  AND h.kind = marked.kind
  AND h.key = marked.key
  AND h.revision > marked.since
  AND h.revision < marked.revision
  AND h.value IS NOT NULL
