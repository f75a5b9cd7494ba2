-- days of a drift history

SELECT
  to_char(start AT TIME ZONE $timezone, 'YYYY-MM-DD') AS date,
  least($at::float8 + 1, milliseconds (until)) AS until
FROM
  (
    SELECT
      start,
      until
    FROM
      (
        SELECT
          start,
          lead(start) OVER (
            ORDER BY
              start
          ) AS until
        FROM
          (
            SELECT DISTINCT
              CASE
                WHEN earlier < at
                AND earlier AT TIME ZONE $timezone::text = local THEN earlier
                ELSE at
              END AS start
            FROM
              generate_series(
                least(
                  date_trunc('day', $from::timestamptz AT TIME ZONE $timezone::text),
                  date_trunc('day', ($to::timestamptz - interval '1 millisecond') AT TIME ZONE $timezone::text)
                ),
                greatest(
                  date_trunc('day', $from::timestamptz AT TIME ZONE $timezone::text),
                  date_trunc('day', ($to::timestamptz - interval '1 millisecond') AT TIME ZONE $timezone::text)
                ) + interval '1 day',
                interval '1 day'
              ) AS local
              CROSS JOIN LATERAL (
                SELECT
                  local AT TIME ZONE $timezone::text AS at
              ) once
              CROSS JOIN LATERAL (
                SELECT
                  (local - (before AT TIME ZONE $timezone::text - before AT TIME ZONE 'UTC')) AT TIME ZONE 'UTC' AS earlier
                FROM
                  (
                    SELECT
                      at - interval '24 hours' AS before
                  ) day_before
              ) twice
          ) starts
      ) bounds
    WHERE
      until IS NOT NULL
  ) day
WHERE
  milliseconds (start) <= $at::float8
ORDER BY
  start
