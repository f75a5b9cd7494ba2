-- group keys

WITH RECURSIVE
  known AS (
    (
      SELECT
        group_key
      FROM
        ledger.stream_index
      WHERE
        tenant = $tenant
        AND name = $name
        AND group_key >= $prefix
      ORDER BY
        group_key
      LIMIT
        1
    )
    UNION ALL
    SELECT
      (
        SELECT
          i.group_key
        FROM
          ledger.stream_index AS i
        WHERE
          i.tenant = $tenant
          AND i.name = $name
          AND i.group_key > known.group_key
        ORDER BY
          i.group_key
        LIMIT
          1
      )
    FROM
      known
    WHERE
      starts_with(known.group_key, $prefix)
  )
SELECT
  group_key
FROM
  known
WHERE
  starts_with(group_key, $prefix)
LIMIT
  $limit
