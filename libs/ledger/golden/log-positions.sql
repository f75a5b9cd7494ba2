-- log positions

SELECT
  partition,
  seq,
  next_offset,
  hash,
  updated_at
FROM
  ledger.partition_log
ORDER BY
  partition
