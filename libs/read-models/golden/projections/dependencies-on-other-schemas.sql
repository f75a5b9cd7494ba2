-- dependencies on other schemas

SELECT
  pg_describe_object(d.classid, d.objid, d.objsubid) AS dependent,
  pg_describe_object(d.refclassid, d.refobjid, d.refobjsubid) AS to
FROM
  pg_depend d,
  pg_identify_object(d.classid, d.objid, d.objsubid) one,
  pg_identify_object(d.refclassid, d.refobjid, d.refobjsubid) other
WHERE
  d.objid >= 16384
  AND d.refobjid >= 16384
  AND d.deptype IN ('n', 'a')
  AND other.schema = ANY ($others)
  AND (
    one.schema = $live
    OR one.schema IS NULL
    AND one.identity LIKE '% on ' || $live || '.%'
  )
LIMIT
  1
