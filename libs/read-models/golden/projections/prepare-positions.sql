-- prepare positions

INSERT INTO
  projection_position (projection, partition, seq, next_offset)
SELECT
  $projection,
  partition,
  0,
  0
FROM
  generate_series(0, $partitions::int - 1) AS partition
ON CONFLICT DO NOTHING
