-- parked partitions

SELECT
  partition
FROM
  parked_event
WHERE
  projection = $projection
ORDER BY
  partition
