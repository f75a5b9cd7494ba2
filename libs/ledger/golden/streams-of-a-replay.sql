-- streams of a replay

SELECT
  stream_id,
  tenant,
  version,
  state,
  replace(to_char(recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), '.000Z', 'Z') AS recorded_at,
  first_event_id,
  created_by,
  updated_by
FROM
  ledger.stream
WHERE
  stream_id = ANY ($stream_ids)
ORDER BY
  stream_id
FOR UPDATE
