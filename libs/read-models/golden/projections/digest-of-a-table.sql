-- digest of a table

SELECT
  coalesce(sum(rows), 0) AS rows,
  coalesce(
    md5(
      string_agg(
        hash,
        ''
        ORDER BY
          part
      )
    ),
    ''
  ) AS hash
FROM
  (
    SELECT
      part,
      count(*) AS rows,
      md5(
        string_agg(
          hash,
          ''
          ORDER BY
            key COLLATE "C"
        )
      ) AS hash
    FROM
      (
        SELECT
          hashtext (key) & 255 AS part,
          key,
          hash
        FROM
          (
            SELECT
              ROW (tenant)::text AS key,
              md5(ROW (tenant, application)::text) AS hash
            FROM
              read_v1.deployment_current
          ) hashed
      ) parted
    GROUP BY
      part
  ) parts

SELECT
  coalesce(sum(rows), 0) AS rows,
  coalesce(
    md5(
      string_agg(
        hash,
        ''
        ORDER BY
          part
      )
    ),
    ''
  ) AS hash
FROM
  (
    SELECT
      part,
      count(*) AS rows,
      md5(
        string_agg(
          hash,
          ''
          ORDER BY
            key COLLATE "C"
        )
      ) AS hash
    FROM
      (
        SELECT
          hashtext (key) & 255 AS part,
          key,
          hash
        FROM
          (
            SELECT
              ROW (tenant)::text AS key,
              md5(ROW (tenant, application)::text) AS hash
            FROM
              read_v1_next.deployment_current
          ) hashed
      ) parted
    GROUP BY
      part
  ) parts
