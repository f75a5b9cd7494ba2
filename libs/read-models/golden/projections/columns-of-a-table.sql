-- columns of a table

SELECT
  string_agg(
    quote_ident(a.attname),
    ', '
    ORDER BY
      a.attname
  ) AS columns,
  string_agg(
    quote_ident(a.attname),
    ', '
    ORDER BY
      array_position(k.columns, a.attnum)
  ) FILTER (
    WHERE
      a.attnum = ANY (k.columns)
  ) AS key
FROM
  pg_attribute a
  JOIN pg_index i ON i.indrelid = a.attrelid
  AND i.indisprimary
  -- Behind its key columns come those that it only includes.
  CROSS JOIN LATERAL (
    SELECT
      (i.indkey::smallint[]) [0:i.indnkeyatts - 1] AS columns
  ) k
WHERE
  a.attrelid = $table::regclass
  AND a.attnum > 0
  AND NOT a.attisdropped
