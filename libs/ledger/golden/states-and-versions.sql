-- states and versions

SELECT
  stream_id,
  version,
  state
FROM
  ledger.stream
WHERE
  stream_id = ANY ($stream_ids)
