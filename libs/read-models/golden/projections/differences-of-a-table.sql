-- differences of a table

SELECT
  kind,
  count,
  key,
  live,
  next
FROM
  (
    SELECT
      found.*,
      count(*) OVER (
        PARTITION BY
          kind
      )::integer AS count,
      row_number() OVER (
        PARTITION BY
          kind
        ORDER BY
          key COLLATE "C"
      ) AS n
    FROM
      (
        SELECT
          CASE
            WHEN n.key IS NULL THEN 'only live'
            WHEN l.key IS NULL THEN 'only next'
            ELSE 'different'
          END AS kind,
          coalesce(l.key, n.key) AS key,
          l.row AS live,
          n.row AS next
        FROM
          (
            SELECT
              ROW (tenant)::text AS key,
              row_to_json(r)::text AS row
            FROM
              (
                SELECT
                  tenant,
                  application
                FROM
                  read_v1.deployment_current
              ) r
          ) l
          FULL JOIN (
            SELECT
              ROW (tenant)::text AS key,
              row_to_json(r)::text AS row
            FROM
              (
                SELECT
                  tenant,
                  application
                FROM
                  read_v1_next.deployment_current
              ) r
          ) n ON n.key = l.key
        WHERE
          l.row IS DISTINCT FROM n.row
      ) found
  ) numbered
WHERE
  n <= 3
ORDER BY
  kind,
  n
