-- replaced tables

SELECT
  tablename AS table
FROM
  pg_tables
WHERE
  schemaname = $schema
  AND tablename = ANY ($tables)
