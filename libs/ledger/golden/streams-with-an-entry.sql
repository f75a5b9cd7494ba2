-- streams with an entry

SELECT
  stream_id
FROM
  ledger.stream_index
WHERE
  stream_id = ANY ($stream_ids)
  AND name = $name
  AND tenant = $tenant
