-- size of states

SELECT
  sum(octet_length(state::text)) AS bytes
FROM
  ledger.stream
WHERE
  stream_id = ANY ($stream_ids)
  AND tenant = $tenant
