-- positions

SELECT
  partition,
  seq,
  next_offset
FROM
  projection_position
WHERE
  projection = $projection
