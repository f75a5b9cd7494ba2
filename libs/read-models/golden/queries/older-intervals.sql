-- older intervals

SELECT
  older.intervals
FROM
  unnest($applications::text[], $environments::text[], $before::float8[], $counts::integer[]) WITH ORDINALITY AS slot (application, environment, before, count, n)
  CROSS JOIN LATERAL (
    SELECT
      coalesce(
        json_agg(
          s.interval
          ORDER BY
            s.from_at DESC
        ),
        '[]'
      ) AS intervals
    FROM
      (
        SELECT
          s.from_at,
          json_build_array(
            milliseconds (s.from_at),
            s.deployment_id,
            s.image_tag,
            milliseconds (s.deployed_at),
            s.log_order::text,
            s.by_rollback,
            s.removed
          ) AS interval
        FROM
          deployment_interval s
        WHERE
          s.tenant = $tenant
          AND s.application = slot.application
          AND s.environment_name = slot.environment
          AND s.from_at < coalesce(to_timestamp(slot.before / 1000)::timestamptz(3), 'infinity')
        ORDER BY
          s.from_at DESC
        LIMIT
          slot.count
      ) s
  ) older
ORDER BY
  slot.n
