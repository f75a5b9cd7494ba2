-- large rows of a group

SELECT
  stream_id AS id,
  pg_column_size(state) AS bytes
FROM
  ledger.stream
WHERE
  stream_id = ANY ($stream_ids)
  AND pg_column_size(state) > 2048
UNION ALL
SELECT
  command_id::text,
  pg_column_size(answer)
FROM
  ledger.command
WHERE
  command_id = ANY ($command_ids)
  AND pg_column_size(answer) > 2048
