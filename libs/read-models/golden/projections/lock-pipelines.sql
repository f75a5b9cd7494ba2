-- lock pipelines

SELECT
  tenant,
  pipeline
FROM
  lock_pipelines ($kind, $buckets, $alone, $tenants)
