-- first keys of a table

SELECT
  ROW (tenant)::text AS key
FROM
  read_v1_next.deployment_current
ORDER BY
  ROW (tenant)::text COLLATE "C"
LIMIT
  3
