-- functions of tables

WITH RECURSIVE
  bound AS (
    SELECT
      p.oid
    FROM
      pg_proc p
      JOIN pg_depend d ON d.classid = 'pg_proc'::regclass
      AND d.objid = p.oid
      JOIN pg_class c ON c.relnamespace = $schema::regnamespace
      AND c.relname = ANY ($tables)
      AND (
        d.refclassid = 'pg_class'::regclass
        AND d.refobjid = c.oid
        OR d.refclassid = 'pg_type'::regclass
        AND d.refobjid = c.reltype
      )
    WHERE
      p.pronamespace = $schema::regnamespace
    UNION
    SELECT
      p.oid
    FROM
      bound
      JOIN pg_depend d ON d.refclassid = 'pg_proc'::regclass
      AND d.refobjid = bound.oid
      JOIN pg_proc p ON d.classid = 'pg_proc'::regclass
      AND p.oid = d.objid
      AND p.pronamespace = $schema::regnamespace
  )
SELECT
  format('%I(%s)', p.proname, pg_get_function_identity_arguments(p.oid)) AS name
FROM
  pg_proc p
WHERE
  p.pronamespace = $schema::regnamespace
  AND (
    $whole
    OR p.oid IN (
      SELECT
        oid
      FROM
        bound
    )
  )
ORDER BY
  name
