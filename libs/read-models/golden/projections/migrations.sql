-- migrations

SELECT
  name
FROM
  migration
