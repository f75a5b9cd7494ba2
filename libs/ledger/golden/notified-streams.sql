-- notified streams

SELECT
  tenant,
  stream_id AS "streamId",
  group_key AS "groupKey",
  rank
FROM
  ledger.stream_index
WHERE
notify
AND name = $name
ORDER BY
  rank,
  stream_id
LIMIT
  $limit
