-- prepare next positions

INSERT INTO
  read_v1_next.projection_position (projection, partition, seq, next_offset)
SELECT
  projection,
  partition,
  0,
  0
FROM
  projection_position
ON CONFLICT DO NOTHING
