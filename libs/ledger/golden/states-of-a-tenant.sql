-- states of a tenant

SELECT
  stream_id,
  state
FROM
  ledger.stream
WHERE
  stream_id = ANY ($stream_ids)
  AND tenant = $tenant
