-- metrics of all applications

-- all rollbacks
WITH
  requested AS MATERIALIZED (
    SELECT
      (
        SELECT
          coalesce(
            environment_name ($tenant, $environment::text),
            (
              SELECT
                name
              FROM
                environments ($tenant)
              ORDER BY
                rank DESC
              LIMIT
                1
            )
          )
      ) AS name
  ),
  bucket AS MATERIALIZED (
    SELECT
      start,
      row_number() OVER (
        ORDER BY
          start
      ) AS n
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
      ) bounds
  ),
  hours AS MATERIALIZED (
    SELECT
      first,
      greatest(first, date_bin('1 hour', $to::timestamptz, timestamptz '2001-01-01Z')) AS beyond
    FROM
      (
        SELECT
          least(
            date_bin('1 hour', $from::timestamptz + interval '1 hour' - interval '1 microsecond', timestamptz '2001-01-01Z'),
            $to::timestamptz
          ) AS first
      ) f
  ),
  span AS MATERIALIZED (
    SELECT
      hours.first AS first_hour,
      hours.beyond AS beyond_hours,
      coalesce(days.first, hours.beyond) AS first_day,
      coalesce(days.beyond, hours.beyond) AS beyond_days
    FROM
      hours
      LEFT JOIN (
        SELECT
          date_bin('24 hours', $from::timestamptz + interval '24 hours' - interval '1 microsecond', timestamptz '2001-01-01Z') AS first,
          date_bin('24 hours', $to::timestamptz, timestamptz '2001-01-01Z') AS beyond
      ) days ON days.first < days.beyond
  ),
  cut_day AS MATERIALIZED (
    SELECT DISTINCT
      block AS start
    FROM
      (
        SELECT
          start,
          date_bin('24 hours', start, timestamptz '2001-01-01Z') AS block
        FROM
          bucket
      ) b
    WHERE
      start > $from::timestamptz
      AND start <> block
      AND block >= (
        SELECT
          first_day
        FROM
          span
      )
      AND block < (
        SELECT
          beyond_days
        FROM
          span
      )
  ),
  cut_hour AS MATERIALIZED (
    SELECT DISTINCT
      block AS start
    FROM
      (
        SELECT
          start,
          date_bin('1 hour', start, timestamptz '2001-01-01Z') AS block
        FROM
          bucket
      ) b
    WHERE
      start > $from::timestamptz
      AND start <> block
      AND block >= (
        SELECT
          first_hour
        FROM
          span
      )
      AND block < (
        SELECT
          beyond_hours
        FROM
          span
      )
  ),
  part AS (
    SELECT
      start AS at,
      deployments,
      successes,
      failed,
      reported,
      inferred,
      unplanned,
      recovered,
      recovered_inferred,
      cancelled,
      incidents,
      inferred_incidents,
      recovered_inferred_incidents
    FROM
      deployment_counter
    WHERE
      tenant = $tenant
      AND environment_name = (
        SELECT
          name
        FROM
          requested
      )
      AND grain = 'day'
      AND start >= (
        SELECT
          first_day
        FROM
          span
      )
      AND start < (
        SELECT
          beyond_days
        FROM
          span
      )
      AND start NOT IN (
        SELECT
          start
        FROM
          cut_day
      )
    UNION ALL
    SELECT
      start AS at,
      deployments,
      successes,
      failed,
      reported,
      inferred,
      unplanned,
      recovered,
      recovered_inferred,
      cancelled,
      incidents,
      inferred_incidents,
      recovered_inferred_incidents
    FROM
      deployment_counter
    WHERE
      tenant = $tenant
      AND environment_name = (
        SELECT
          name
        FROM
          requested
      )
      AND grain = 'hour'
      AND start >= (
        SELECT
          first_hour
        FROM
          span
      )
      AND start < (
        SELECT
          first_day
        FROM
          span
      )
      AND start NOT IN (
        SELECT
          start
        FROM
          cut_hour
      )
    UNION ALL
    SELECT
      start AS at,
      deployments,
      successes,
      failed,
      reported,
      inferred,
      unplanned,
      recovered,
      recovered_inferred,
      cancelled,
      incidents,
      inferred_incidents,
      recovered_inferred_incidents
    FROM
      deployment_counter
    WHERE
      tenant = $tenant
      AND environment_name = (
        SELECT
          name
        FROM
          requested
      )
      AND grain = 'hour'
      AND start >= (
        SELECT
          beyond_days
        FROM
          span
      )
      AND start < (
        SELECT
          beyond_hours
        FROM
          span
      )
      AND start NOT IN (
        SELECT
          start
        FROM
          cut_hour
      )
    UNION ALL
    SELECT
      within.*
    FROM
      cut_day
      CROSS JOIN LATERAL (
        SELECT
          start AS at,
          deployments,
          successes,
          failed,
          reported,
          inferred,
          unplanned,
          recovered,
          recovered_inferred,
          cancelled,
          incidents,
          inferred_incidents,
          recovered_inferred_incidents
        FROM
          deployment_counter
        WHERE
          tenant = $tenant
          AND environment_name = (
            SELECT
              name
            FROM
              requested
          )
          AND grain = 'hour'
          AND start >= cut_day.start
          AND start < cut_day.start + interval '24 hours'
          AND start NOT IN (
            SELECT
              start
            FROM
              cut_hour
          )
      ) within
    UNION ALL
    SELECT
      finished_at,
      coalesce((NOT cancelled)::integer, 0) AS deployments,
      coalesce((succeeded)::integer, 0) AS successes,
      coalesce((failure_kind = 'failed')::integer, 0) AS failed,
      coalesce((failure_kind = 'reported')::integer, 0) AS reported,
      coalesce((failure_kind = 'inferred')::integer, 0) AS inferred,
      coalesce((unplanned)::integer, 0) AS unplanned,
      coalesce((recovered_at IS NOT NULL)::integer, 0) AS recovered,
      coalesce(
        (
          recovered_at IS NOT NULL
          AND failure_kind = 'inferred'
        )::integer,
        0
      ) AS recovered_inferred,
      coalesce((cancelled)::integer, 0) AS cancelled,
      coalesce((failure_kind = 'incident')::integer, 0) AS incidents,
      coalesce(
        (
          failure_kind = 'inferred'
          AND incident_at IS NOT NULL
        )::integer,
        0
      ) AS inferred_incidents,
      coalesce(
        (
          failure_kind = 'inferred'
          AND incident_recovered_at IS NOT NULL
        )::integer,
        0
      ) AS recovered_inferred_incidents
    FROM
      deployment_metric
    WHERE
      tenant = $tenant
      AND environment_name = (
        SELECT
          name
        FROM
          requested
      )
      AND finished_at >= $from::timestamptz
      AND finished_at < (
        SELECT
          first_hour
        FROM
          span
      )
    UNION ALL
    SELECT
      finished_at,
      coalesce((NOT cancelled)::integer, 0) AS deployments,
      coalesce((succeeded)::integer, 0) AS successes,
      coalesce((failure_kind = 'failed')::integer, 0) AS failed,
      coalesce((failure_kind = 'reported')::integer, 0) AS reported,
      coalesce((failure_kind = 'inferred')::integer, 0) AS inferred,
      coalesce((unplanned)::integer, 0) AS unplanned,
      coalesce((recovered_at IS NOT NULL)::integer, 0) AS recovered,
      coalesce(
        (
          recovered_at IS NOT NULL
          AND failure_kind = 'inferred'
        )::integer,
        0
      ) AS recovered_inferred,
      coalesce((cancelled)::integer, 0) AS cancelled,
      coalesce((failure_kind = 'incident')::integer, 0) AS incidents,
      coalesce(
        (
          failure_kind = 'inferred'
          AND incident_at IS NOT NULL
        )::integer,
        0
      ) AS inferred_incidents,
      coalesce(
        (
          failure_kind = 'inferred'
          AND incident_recovered_at IS NOT NULL
        )::integer,
        0
      ) AS recovered_inferred_incidents
    FROM
      deployment_metric
    WHERE
      tenant = $tenant
      AND environment_name = (
        SELECT
          name
        FROM
          requested
      )
      AND finished_at >= (
        SELECT
          beyond_hours
        FROM
          span
      )
      AND finished_at < $to::timestamptz
    UNION ALL
    SELECT
      within.*
    FROM
      cut_hour
      CROSS JOIN LATERAL (
        SELECT
          finished_at,
          coalesce((NOT cancelled)::integer, 0) AS deployments,
          coalesce((succeeded)::integer, 0) AS successes,
          coalesce((failure_kind = 'failed')::integer, 0) AS failed,
          coalesce((failure_kind = 'reported')::integer, 0) AS reported,
          coalesce((failure_kind = 'inferred')::integer, 0) AS inferred,
          coalesce((unplanned)::integer, 0) AS unplanned,
          coalesce((recovered_at IS NOT NULL)::integer, 0) AS recovered,
          coalesce(
            (
              recovered_at IS NOT NULL
              AND failure_kind = 'inferred'
            )::integer,
            0
          ) AS recovered_inferred,
          coalesce((cancelled)::integer, 0) AS cancelled,
          coalesce((failure_kind = 'incident')::integer, 0) AS incidents,
          coalesce(
            (
              failure_kind = 'inferred'
              AND incident_at IS NOT NULL
            )::integer,
            0
          ) AS inferred_incidents,
          coalesce(
            (
              failure_kind = 'inferred'
              AND incident_recovered_at IS NOT NULL
            )::integer,
            0
          ) AS recovered_inferred_incidents
        FROM
          deployment_metric
        WHERE
          tenant = $tenant
          AND environment_name = (
            SELECT
              name
            FROM
              requested
          )
          AND finished_at >= cut_hour.start
          AND finished_at < cut_hour.start + interval '1 hour'
      ) within
  ),
  counted AS MATERIALIZED (
    SELECT
      width_bucket(
        at,
        (
          SELECT
            array_agg(
              start
              ORDER BY
                n
            )
          FROM
            bucket
        )
      ) AS n,
      sum(deployments)::bigint AS deployments,
      sum(successes)::bigint AS successes,
      sum(failed)::bigint AS failed,
      sum(reported)::bigint AS reported,
      sum(inferred)::bigint AS inferred,
      sum(unplanned)::bigint AS unplanned,
      sum(recovered)::bigint AS recovered,
      sum(recovered_inferred)::bigint AS recovered_inferred,
      sum(cancelled)::bigint AS cancelled,
      sum(incidents)::bigint AS incidents,
      sum(inferred_incidents)::bigint AS inferred_incidents,
      sum(recovered_inferred_incidents)::bigint AS recovered_inferred_incidents
    FROM
      part
    GROUP BY
      1
  ),
  total AS MATERIALIZED (
    SELECT
      coalesce(sum(deployments), 0)::bigint AS deployments,
      coalesce(sum(successes), 0)::bigint AS successes,
      coalesce(sum(failed), 0)::bigint AS failed,
      coalesce(sum(reported), 0)::bigint AS reported,
      coalesce(sum(inferred), 0)::bigint AS inferred,
      coalesce(sum(unplanned), 0)::bigint AS unplanned,
      coalesce(sum(recovered), 0)::bigint AS recovered,
      coalesce(sum(recovered_inferred), 0)::bigint AS recovered_inferred,
      coalesce(sum(cancelled), 0)::bigint AS cancelled,
      coalesce(sum(incidents), 0)::bigint AS incidents,
      coalesce(sum(inferred_incidents), 0)::bigint AS inferred_incidents,
      coalesce(sum(recovered_inferred_incidents), 0)::bigint AS recovered_inferred_incidents
    FROM
      counted
  ),
  weeks AS MATERIALIZED (
    SELECT
      week.*,
      coalesce(four.first, week.beyond) AS first_four,
      coalesce(four.beyond, week.beyond) AS beyond_fours
    FROM
      (
        SELECT
          date_bin('168 hours', $from::timestamptz + interval '84 hours', timestamptz '2001-01-01Z') AS first,
          date_bin('168 hours', $to::timestamptz + interval '84 hours', timestamptz '2001-01-01Z') AS beyond
      ) week
      LEFT JOIN LATERAL (
        SELECT
          date_bin('672 hours', week.first + interval '672 hours' - interval '1 microsecond', timestamptz '2001-01-01Z') AS first,
          date_bin('672 hours', week.beyond, timestamptz '2001-01-01Z') AS beyond
      ) four ON four.first < four.beyond
  ),
  cut_off AS MATERIALIZED (
    SELECT
      1 AS sign,
      *
    FROM
      deployment_metric
    WHERE
      tenant = $tenant
      AND environment_name = (
        SELECT
          name
        FROM
          requested
      )
      AND finished_at >= $from::timestamptz
      AND finished_at < (
        SELECT
          first
        FROM
          weeks
      )
    UNION ALL
    SELECT
      -1 AS sign,
      *
    FROM
      deployment_metric
    WHERE
      tenant = $tenant
      AND environment_name = (
        SELECT
          name
        FROM
          requested
      )
      AND finished_at >= (
        SELECT
          first
        FROM
          weeks
      )
      AND finished_at < $from::timestamptz
    UNION ALL
    SELECT
      1 AS sign,
      *
    FROM
      deployment_metric
    WHERE
      tenant = $tenant
      AND environment_name = (
        SELECT
          name
        FROM
          requested
      )
      AND finished_at >= (
        SELECT
          beyond
        FROM
          weeks
      )
      AND finished_at < $to::timestamptz
    UNION ALL
    SELECT
      -1 AS sign,
      *
    FROM
      deployment_metric
    WHERE
      tenant = $tenant
      AND environment_name = (
        SELECT
          name
        FROM
          requested
      )
      AND finished_at >= $to::timestamptz
      AND finished_at < (
        SELECT
          beyond
        FROM
          weeks
      )
  ),
  at_ends AS MATERIALIZED (
    SELECT
      CASE measure
        WHEN 'inferred recovery' THEN 'recovery'
        ELSE measure
      END AS measure,
      bin,
      sum(count) AS count
    FROM
      (
        SELECT
          measure,
          value_bin (value) AS bin,
          sign AS count
        FROM
          (
            SELECT
              sign,
              'duration' AS measure,
              value
            FROM
              (
                SELECT
                  *,
                  duration_ms AS value
                FROM
                  cut_off
              ) r
            WHERE
              value IS NOT NULL
            UNION ALL
            SELECT
              sign,
              'promotion' AS measure,
              value
            FROM
              (
                SELECT
                  *,
                  promotion_lead_ms AS value
                FROM
                  cut_off
              ) r
            WHERE
              value IS NOT NULL
            UNION ALL
            SELECT
              sign,
              'recovery' AS measure,
              value
            FROM
              (
                SELECT
                  *,
                  CASE
                    WHEN failure_kind <> 'inferred' THEN (
                      extract(
                        epoch
                        FROM
                          recovered_at - CASE
                            WHEN failure_kind = 'incident' THEN incident_at
                            ELSE finished_at
                          END
                      ) * 1000
                    )::bigint
                  END AS value
                FROM
                  cut_off
              ) r
            WHERE
              value IS NOT NULL
            UNION ALL
            SELECT
              sign,
              'inferred recovery' AS measure,
              value
            FROM
              (
                SELECT
                  *,
                  CASE
                    WHEN failure_kind = 'inferred' THEN (
                      extract(
                        epoch
                        FROM
                          recovered_at - finished_at
                      ) * 1000
                    )::bigint
                  END AS value
                FROM
                  cut_off
              ) r
            WHERE
              value IS NOT NULL
            UNION ALL
            SELECT
              sign,
              'inferred incident recovery' AS measure,
              value
            FROM
              (
                SELECT
                  *,
                  CASE
                    WHEN failure_kind = 'inferred' THEN (
                      extract(
                        epoch
                        FROM
                          incident_recovered_at - incident_at
                      ) * 1000
                    )::bigint
                  END AS value
                FROM
                  cut_off
              ) r
            WHERE
              value IS NOT NULL
            UNION ALL
            SELECT
              sign,
              'lead',
              value
            FROM
              cut_off,
              unnest(commit_lead_ms) AS value
          ) measured
        WHERE
          measure = ANY ('{"duration","promotion","recovery","inferred recovery","lead"}')
        UNION ALL
        SELECT
          measure,
          bin,
          count
        FROM
          deployment_histogram
        WHERE
          tenant = $tenant
          AND environment_name = (
            SELECT
              name
            FROM
              requested
          )
          AND grain = 'week'
          AND start >= (
            SELECT
              first
            FROM
              weeks
          )
          AND start < (
            SELECT
              first_four
            FROM
              weeks
          )
          AND measure = ANY ('{"duration","promotion","recovery","inferred recovery","lead"}')
        UNION ALL
        SELECT
          measure,
          bin,
          count
        FROM
          deployment_histogram
        WHERE
          tenant = $tenant
          AND environment_name = (
            SELECT
              name
            FROM
              requested
          )
          AND grain = 'week'
          AND start >= (
            SELECT
              beyond_fours
            FROM
              weeks
          )
          AND start < (
            SELECT
              beyond
            FROM
              weeks
          )
          AND measure = ANY ('{"duration","promotion","recovery","inferred recovery","lead"}')
      ) counts
    GROUP BY
      1,
      2
  ),
  bin_group AS MATERIALIZED (
    SELECT
      measure,
      bin_group,
      upto - count AS below,
      upto,
      n
    FROM
      (
        SELECT
          measure,
          bin_group,
          count,
          sum(count) OVER (
            PARTITION BY
              measure
            ORDER BY
              bin_group
          )::bigint AS upto,
          sum(count) OVER (
            PARTITION BY
              measure
          )::bigint AS n
        FROM
          (
            SELECT
              measure,
              bin_group,
              sum(count)::bigint AS count
            FROM
              (
                SELECT
                  measure,
                  (bin >> 5) AS bin_group,
                  count
                FROM
                  at_ends
                UNION ALL
                SELECT
                  CASE measure
                    WHEN 'inferred recovery' THEN 'recovery'
                    ELSE measure
                  END AS measure,
                  bin,
                  count
                FROM
                  deployment_histogram
                WHERE
                  tenant = $tenant
                  AND environment_name = (
                    SELECT
                      name
                    FROM
                      requested
                  )
                  AND grain = 'bin groups'
                  AND start >= (
                    SELECT
                      first_four
                    FROM
                      weeks
                  )
                  AND start < (
                    SELECT
                      beyond_fours
                    FROM
                      weeks
                  )
                  AND measure = ANY ('{"duration","promotion","recovery","inferred recovery","lead"}')
              ) counts
            GROUP BY
              1,
              2
          ) distribution
      ) summed
  ),
  rank AS MATERIALIZED (
    SELECT
      measure,
      n,
      part,
      at,
      floor(at)::bigint AS low,
      ceil(at)::bigint AS high
    FROM
      (
        SELECT DISTINCT
          measure,
          n
        FROM
          bin_group
      ) known
      CROSS JOIN (
        VALUES
          (0.5::double precision),
          (0.95)
      ) parts (part)
      CROSS JOIN LATERAL (
        SELECT
          part * (n - 1) AS at
      ) exact
  ),
  sought AS MATERIALIZED (
    SELECT DISTINCT
      measure,
      k,
      bin_group,
      below
    FROM
      rank
      CROSS JOIN LATERAL (
        VALUES
          (low),
          (high)
      ) ends (k)
      JOIN bin_group USING (measure)
    WHERE
      below <= k
      AND k < upto
  ),
  bins AS MATERIALIZED (
    SELECT
      measure,
      bin_group,
      distribution.bin,
      below + upto - count AS below,
      below + upto AS upto
    FROM
      (
        SELECT DISTINCT
          measure,
          bin_group,
          below
        FROM
          sought
      ) within
      CROSS JOIN LATERAL (
        SELECT
          bin,
          sum(count)::bigint AS count,
          (
            sum(sum(count)) OVER (
              ORDER BY
                bin
            )
          )::bigint AS upto
        FROM
          (
            SELECT
              bin,
              count
            FROM
              at_ends
            WHERE
              at_ends.measure = within.measure
              AND (bin >> 5) = bin_group
            UNION ALL
            SELECT
              bin,
              count
            FROM
              deployment_histogram
            WHERE
              tenant = $tenant
              AND environment_name = (
                SELECT
                  name
                FROM
                  requested
              )
              AND grain = 'four weeks'
              AND start >= (
                SELECT
                  first_four
                FROM
                  weeks
              )
              AND start < (
                SELECT
                  beyond_fours
                FROM
                  weeks
              )
              AND measure = ANY (
                CASE
                  WHEN within.measure = 'recovery' THEN '{recovery,"inferred recovery"}'
                  ELSE ARRAY[within.measure]
                END::text[]
              )
              AND bin >= bin_group << 5
              AND bin < (bin_group + 1) << 5
          ) counts
        GROUP BY
          bin
      ) distribution
  ),
  located AS MATERIALIZED (
    SELECT
      measure,
      k,
      bin,
      k - bins.below AS at
    FROM
      sought
      JOIN bins USING (measure, bin_group)
    WHERE
      bins.below <= k
      AND k < bins.upto
  ),
  valued AS MATERIALIZED (
    SELECT
      measure,
      bin,
      ordered
    FROM
      (
        SELECT DISTINCT
          measure,
          bin
        FROM
          located
        WHERE
          bin <> 0
      ) within
      CROSS JOIN LATERAL (
        SELECT
          array_agg(
            value
            ORDER BY
              value
          ) AS ordered
        FROM
          (
            SELECT
              value,
              generate_series(1, count)
            FROM
              deployment_value
            WHERE
              tenant = $tenant
              AND environment_name = (
                SELECT
                  name
                FROM
                  requested
              )
              AND measure = ANY (
                CASE
                  WHEN within.measure = 'recovery' THEN '{recovery,"inferred recovery"}'
                  ELSE ARRAY[within.measure]
                END::text[]
              )
              AND bin = within.bin
              AND finished_at >= $from::timestamptz
              AND finished_at < $to::timestamptz
          ) each
      ) v
  ),
  found AS MATERIALIZED (
    SELECT
      measure,
      k,
      coalesce(ordered[at + 1], 0)::double precision AS value
    FROM
      located
      LEFT JOIN valued USING (measure, bin)
  ),
  quantile AS MATERIALIZED (
    SELECT
      rank.measure,
      part,
      n,
      low.value + (at - rank.low) * (high.value - low.value) AS value
    FROM
      rank
      JOIN found low ON low.measure = rank.measure
      AND low.k = rank.low
      JOIN found high ON high.measure = rank.measure
      AND high.k = rank.high
  )
SELECT
  json_build_object(
    'environment',
    (
      SELECT
        name
      FROM
        requested
    ),
    'deployments',
    deployments,
    'cancelled',
    cancelled,
    'successes',
    successes,
    'failed',
    failed,
    'reported',
    reported,
    'inferred',
    inferred,
    'incidents',
    incidents,
    'unattributed',
    (
      SELECT
        count(*)
      FROM
        (
          SELECT
            i.*
          FROM
            incident i
          WHERE
            i.tenant = $tenant
            AND i.environment_name = (
              SELECT
                coalesce(
                  environment_name ($tenant, $environment::text),
                  (
                    SELECT
                      name
                    FROM
                      environments ($tenant)
                    ORDER BY
                      rank DESC
                    LIMIT
                      1
                  )
                )
            )
            AND i.started_at >= $from::timestamptz
            AND i.started_at < $to::timestamptz
            AND i.deployment_id IS NULL
            AND (
              i.named_deployment_id IS NULL
              OR NOT EXISTS (
                SELECT
                FROM
                  deployment_voided v
                WHERE
                  v.tenant = i.tenant
                  AND v.deployment_id = i.named_deployment_id
                  AND (
                    i.named_application IS NULL
                    OR v.application = i.named_application
                  )
                  AND (
                    i.named_environment IS NULL
                    OR v.environment_name = i.environment_name
                  )
              )
            )
        ) i
      WHERE
        i.deployment_id IS NULL
        AND i.environment_name IS NOT NULL
    ),
    'unplanned',
    unplanned,
    'recovered',
    recovered,
    'open',
    failed + reported + inferred + incidents - (recovered),
    'days',
    (
      SELECT
        count(*)::integer
      FROM
        generate_series(
          least(
            date_trunc('day', $from::timestamptz AT TIME ZONE $timezone::text),
            date_trunc('day', ($to::timestamptz - interval '1 millisecond') AT TIME ZONE $timezone::text)
          ),
          greatest(
            date_trunc('day', $from::timestamptz AT TIME ZONE $timezone::text),
            date_trunc('day', ($to::timestamptz - interval '1 millisecond') AT TIME ZONE $timezone::text)
          ),
          interval '1 day'
        ) AS day
      WHERE
        (day AT TIME ZONE $timezone::text AT TIME ZONE $timezone::text)::date = day::date
    ),
    'buckets',
    (
      SELECT
        json_agg(
          json_build_object('start', instant (start), 'count', coalesce(counted.successes, 0))
          ORDER BY
            start
        )
      FROM
        bucket
        LEFT JOIN counted USING (n)
    ),
    'leadTime',
    (
      SELECT
        json_build_object(
          'median',
          max(value) FILTER (
            WHERE
              part = 0.5
          ),
          'p95',
          max(value) FILTER (
            WHERE
              part = 0.95
          ),
          'n',
          coalesce(max(n), 0)
        )
      FROM
        quantile
      WHERE
        measure = 'lead'
    ),
    'recovery',
    (
      SELECT
        json_build_object(
          'median',
          max(value) FILTER (
            WHERE
              part = 0.5
          ),
          'p95',
          max(value) FILTER (
            WHERE
              part = 0.95
          ),
          'n',
          coalesce(max(n), 0)
        )
      FROM
        quantile
      WHERE
        measure = 'recovery'
    ),
    'duration',
    (
      SELECT
        json_build_object(
          'median',
          max(value) FILTER (
            WHERE
              part = 0.5
          ),
          'p95',
          max(value) FILTER (
            WHERE
              part = 0.95
          ),
          'n',
          coalesce(max(n), 0)
        )
      FROM
        quantile
      WHERE
        measure = 'duration'
    ),
    'promotionLead',
    (
      SELECT
        json_build_object(
          'median',
          max(value) FILTER (
            WHERE
              part = 0.5
          ),
          'p95',
          max(value) FILTER (
            WHERE
              part = 0.95
          ),
          'n',
          coalesce(max(n), 0)
        )
      FROM
        quantile
      WHERE
        measure = 'promotion'
    )
  ) AS "metricValues",
  coalesce(
    (
      SELECT
        string_agg(
          partition || ':' || seq,
          ','
          ORDER BY
            partition
        )
      FROM
        projection_position
      WHERE
        projection = 'deployments'
        AND seq > 0
    ),
    ''
  ) AS positions
FROM
  total

-- reported rollbacks
WITH
  requested AS MATERIALIZED (
    SELECT
      (
        SELECT
          coalesce(
            environment_name ($tenant, $environment::text),
            (
              SELECT
                name
              FROM
                environments ($tenant)
              ORDER BY
                rank DESC
              LIMIT
                1
            )
          )
      ) AS name
  ),
  bucket AS MATERIALIZED (
    SELECT
      start,
      row_number() OVER (
        ORDER BY
          start
      ) AS n
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
      ) bounds
  ),
  hours AS MATERIALIZED (
    SELECT
      first,
      greatest(first, date_bin('1 hour', $to::timestamptz, timestamptz '2001-01-01Z')) AS beyond
    FROM
      (
        SELECT
          least(
            date_bin('1 hour', $from::timestamptz + interval '1 hour' - interval '1 microsecond', timestamptz '2001-01-01Z'),
            $to::timestamptz
          ) AS first
      ) f
  ),
  span AS MATERIALIZED (
    SELECT
      hours.first AS first_hour,
      hours.beyond AS beyond_hours,
      coalesce(days.first, hours.beyond) AS first_day,
      coalesce(days.beyond, hours.beyond) AS beyond_days
    FROM
      hours
      LEFT JOIN (
        SELECT
          date_bin('24 hours', $from::timestamptz + interval '24 hours' - interval '1 microsecond', timestamptz '2001-01-01Z') AS first,
          date_bin('24 hours', $to::timestamptz, timestamptz '2001-01-01Z') AS beyond
      ) days ON days.first < days.beyond
  ),
  cut_day AS MATERIALIZED (
    SELECT DISTINCT
      block AS start
    FROM
      (
        SELECT
          start,
          date_bin('24 hours', start, timestamptz '2001-01-01Z') AS block
        FROM
          bucket
      ) b
    WHERE
      start > $from::timestamptz
      AND start <> block
      AND block >= (
        SELECT
          first_day
        FROM
          span
      )
      AND block < (
        SELECT
          beyond_days
        FROM
          span
      )
  ),
  cut_hour AS MATERIALIZED (
    SELECT DISTINCT
      block AS start
    FROM
      (
        SELECT
          start,
          date_bin('1 hour', start, timestamptz '2001-01-01Z') AS block
        FROM
          bucket
      ) b
    WHERE
      start > $from::timestamptz
      AND start <> block
      AND block >= (
        SELECT
          first_hour
        FROM
          span
      )
      AND block < (
        SELECT
          beyond_hours
        FROM
          span
      )
  ),
  part AS (
    SELECT
      start AS at,
      deployments,
      successes,
      failed,
      reported,
      inferred,
      unplanned,
      recovered,
      recovered_inferred,
      cancelled,
      incidents,
      inferred_incidents,
      recovered_inferred_incidents
    FROM
      deployment_counter
    WHERE
      tenant = $tenant
      AND environment_name = (
        SELECT
          name
        FROM
          requested
      )
      AND grain = 'day'
      AND start >= (
        SELECT
          first_day
        FROM
          span
      )
      AND start < (
        SELECT
          beyond_days
        FROM
          span
      )
      AND start NOT IN (
        SELECT
          start
        FROM
          cut_day
      )
    UNION ALL
    SELECT
      start AS at,
      deployments,
      successes,
      failed,
      reported,
      inferred,
      unplanned,
      recovered,
      recovered_inferred,
      cancelled,
      incidents,
      inferred_incidents,
      recovered_inferred_incidents
    FROM
      deployment_counter
    WHERE
      tenant = $tenant
      AND environment_name = (
        SELECT
          name
        FROM
          requested
      )
      AND grain = 'hour'
      AND start >= (
        SELECT
          first_hour
        FROM
          span
      )
      AND start < (
        SELECT
          first_day
        FROM
          span
      )
      AND start NOT IN (
        SELECT
          start
        FROM
          cut_hour
      )
    UNION ALL
    SELECT
      start AS at,
      deployments,
      successes,
      failed,
      reported,
      inferred,
      unplanned,
      recovered,
      recovered_inferred,
      cancelled,
      incidents,
      inferred_incidents,
      recovered_inferred_incidents
    FROM
      deployment_counter
    WHERE
      tenant = $tenant
      AND environment_name = (
        SELECT
          name
        FROM
          requested
      )
      AND grain = 'hour'
      AND start >= (
        SELECT
          beyond_days
        FROM
          span
      )
      AND start < (
        SELECT
          beyond_hours
        FROM
          span
      )
      AND start NOT IN (
        SELECT
          start
        FROM
          cut_hour
      )
    UNION ALL
    SELECT
      within.*
    FROM
      cut_day
      CROSS JOIN LATERAL (
        SELECT
          start AS at,
          deployments,
          successes,
          failed,
          reported,
          inferred,
          unplanned,
          recovered,
          recovered_inferred,
          cancelled,
          incidents,
          inferred_incidents,
          recovered_inferred_incidents
        FROM
          deployment_counter
        WHERE
          tenant = $tenant
          AND environment_name = (
            SELECT
              name
            FROM
              requested
          )
          AND grain = 'hour'
          AND start >= cut_day.start
          AND start < cut_day.start + interval '24 hours'
          AND start NOT IN (
            SELECT
              start
            FROM
              cut_hour
          )
      ) within
    UNION ALL
    SELECT
      finished_at,
      coalesce((NOT cancelled)::integer, 0) AS deployments,
      coalesce((succeeded)::integer, 0) AS successes,
      coalesce((failure_kind = 'failed')::integer, 0) AS failed,
      coalesce((failure_kind = 'reported')::integer, 0) AS reported,
      coalesce((failure_kind = 'inferred')::integer, 0) AS inferred,
      coalesce((unplanned)::integer, 0) AS unplanned,
      coalesce((recovered_at IS NOT NULL)::integer, 0) AS recovered,
      coalesce(
        (
          recovered_at IS NOT NULL
          AND failure_kind = 'inferred'
        )::integer,
        0
      ) AS recovered_inferred,
      coalesce((cancelled)::integer, 0) AS cancelled,
      coalesce((failure_kind = 'incident')::integer, 0) AS incidents,
      coalesce(
        (
          failure_kind = 'inferred'
          AND incident_at IS NOT NULL
        )::integer,
        0
      ) AS inferred_incidents,
      coalesce(
        (
          failure_kind = 'inferred'
          AND incident_recovered_at IS NOT NULL
        )::integer,
        0
      ) AS recovered_inferred_incidents
    FROM
      deployment_metric
    WHERE
      tenant = $tenant
      AND environment_name = (
        SELECT
          name
        FROM
          requested
      )
      AND finished_at >= $from::timestamptz
      AND finished_at < (
        SELECT
          first_hour
        FROM
          span
      )
    UNION ALL
    SELECT
      finished_at,
      coalesce((NOT cancelled)::integer, 0) AS deployments,
      coalesce((succeeded)::integer, 0) AS successes,
      coalesce((failure_kind = 'failed')::integer, 0) AS failed,
      coalesce((failure_kind = 'reported')::integer, 0) AS reported,
      coalesce((failure_kind = 'inferred')::integer, 0) AS inferred,
      coalesce((unplanned)::integer, 0) AS unplanned,
      coalesce((recovered_at IS NOT NULL)::integer, 0) AS recovered,
      coalesce(
        (
          recovered_at IS NOT NULL
          AND failure_kind = 'inferred'
        )::integer,
        0
      ) AS recovered_inferred,
      coalesce((cancelled)::integer, 0) AS cancelled,
      coalesce((failure_kind = 'incident')::integer, 0) AS incidents,
      coalesce(
        (
          failure_kind = 'inferred'
          AND incident_at IS NOT NULL
        )::integer,
        0
      ) AS inferred_incidents,
      coalesce(
        (
          failure_kind = 'inferred'
          AND incident_recovered_at IS NOT NULL
        )::integer,
        0
      ) AS recovered_inferred_incidents
    FROM
      deployment_metric
    WHERE
      tenant = $tenant
      AND environment_name = (
        SELECT
          name
        FROM
          requested
      )
      AND finished_at >= (
        SELECT
          beyond_hours
        FROM
          span
      )
      AND finished_at < $to::timestamptz
    UNION ALL
    SELECT
      within.*
    FROM
      cut_hour
      CROSS JOIN LATERAL (
        SELECT
          finished_at,
          coalesce((NOT cancelled)::integer, 0) AS deployments,
          coalesce((succeeded)::integer, 0) AS successes,
          coalesce((failure_kind = 'failed')::integer, 0) AS failed,
          coalesce((failure_kind = 'reported')::integer, 0) AS reported,
          coalesce((failure_kind = 'inferred')::integer, 0) AS inferred,
          coalesce((unplanned)::integer, 0) AS unplanned,
          coalesce((recovered_at IS NOT NULL)::integer, 0) AS recovered,
          coalesce(
            (
              recovered_at IS NOT NULL
              AND failure_kind = 'inferred'
            )::integer,
            0
          ) AS recovered_inferred,
          coalesce((cancelled)::integer, 0) AS cancelled,
          coalesce((failure_kind = 'incident')::integer, 0) AS incidents,
          coalesce(
            (
              failure_kind = 'inferred'
              AND incident_at IS NOT NULL
            )::integer,
            0
          ) AS inferred_incidents,
          coalesce(
            (
              failure_kind = 'inferred'
              AND incident_recovered_at IS NOT NULL
            )::integer,
            0
          ) AS recovered_inferred_incidents
        FROM
          deployment_metric
        WHERE
          tenant = $tenant
          AND environment_name = (
            SELECT
              name
            FROM
              requested
          )
          AND finished_at >= cut_hour.start
          AND finished_at < cut_hour.start + interval '1 hour'
      ) within
  ),
  counted AS MATERIALIZED (
    SELECT
      width_bucket(
        at,
        (
          SELECT
            array_agg(
              start
              ORDER BY
                n
            )
          FROM
            bucket
        )
      ) AS n,
      sum(deployments)::bigint AS deployments,
      sum(successes)::bigint AS successes,
      sum(failed)::bigint AS failed,
      sum(reported)::bigint AS reported,
      sum(inferred)::bigint AS inferred,
      sum(unplanned)::bigint AS unplanned,
      sum(recovered)::bigint AS recovered,
      sum(recovered_inferred)::bigint AS recovered_inferred,
      sum(cancelled)::bigint AS cancelled,
      sum(incidents)::bigint AS incidents,
      sum(inferred_incidents)::bigint AS inferred_incidents,
      sum(recovered_inferred_incidents)::bigint AS recovered_inferred_incidents
    FROM
      part
    GROUP BY
      1
  ),
  total AS MATERIALIZED (
    SELECT
      coalesce(sum(deployments), 0)::bigint AS deployments,
      coalesce(sum(successes), 0)::bigint AS successes,
      coalesce(sum(failed), 0)::bigint AS failed,
      coalesce(sum(reported), 0)::bigint AS reported,
      coalesce(sum(inferred), 0)::bigint AS inferred,
      coalesce(sum(unplanned), 0)::bigint AS unplanned,
      coalesce(sum(recovered), 0)::bigint AS recovered,
      coalesce(sum(recovered_inferred), 0)::bigint AS recovered_inferred,
      coalesce(sum(cancelled), 0)::bigint AS cancelled,
      coalesce(sum(incidents), 0)::bigint AS incidents,
      coalesce(sum(inferred_incidents), 0)::bigint AS inferred_incidents,
      coalesce(sum(recovered_inferred_incidents), 0)::bigint AS recovered_inferred_incidents
    FROM
      counted
  ),
  weeks AS MATERIALIZED (
    SELECT
      week.*,
      coalesce(four.first, week.beyond) AS first_four,
      coalesce(four.beyond, week.beyond) AS beyond_fours
    FROM
      (
        SELECT
          date_bin('168 hours', $from::timestamptz + interval '84 hours', timestamptz '2001-01-01Z') AS first,
          date_bin('168 hours', $to::timestamptz + interval '84 hours', timestamptz '2001-01-01Z') AS beyond
      ) week
      LEFT JOIN LATERAL (
        SELECT
          date_bin('672 hours', week.first + interval '672 hours' - interval '1 microsecond', timestamptz '2001-01-01Z') AS first,
          date_bin('672 hours', week.beyond, timestamptz '2001-01-01Z') AS beyond
      ) four ON four.first < four.beyond
  ),
  cut_off AS MATERIALIZED (
    SELECT
      1 AS sign,
      *
    FROM
      deployment_metric
    WHERE
      tenant = $tenant
      AND environment_name = (
        SELECT
          name
        FROM
          requested
      )
      AND finished_at >= $from::timestamptz
      AND finished_at < (
        SELECT
          first
        FROM
          weeks
      )
    UNION ALL
    SELECT
      -1 AS sign,
      *
    FROM
      deployment_metric
    WHERE
      tenant = $tenant
      AND environment_name = (
        SELECT
          name
        FROM
          requested
      )
      AND finished_at >= (
        SELECT
          first
        FROM
          weeks
      )
      AND finished_at < $from::timestamptz
    UNION ALL
    SELECT
      1 AS sign,
      *
    FROM
      deployment_metric
    WHERE
      tenant = $tenant
      AND environment_name = (
        SELECT
          name
        FROM
          requested
      )
      AND finished_at >= (
        SELECT
          beyond
        FROM
          weeks
      )
      AND finished_at < $to::timestamptz
    UNION ALL
    SELECT
      -1 AS sign,
      *
    FROM
      deployment_metric
    WHERE
      tenant = $tenant
      AND environment_name = (
        SELECT
          name
        FROM
          requested
      )
      AND finished_at >= $to::timestamptz
      AND finished_at < (
        SELECT
          beyond
        FROM
          weeks
      )
  ),
  at_ends AS MATERIALIZED (
    SELECT
      CASE measure
        WHEN 'inferred incident recovery' THEN 'recovery'
        ELSE measure
      END AS measure,
      bin,
      sum(count) AS count
    FROM
      (
        SELECT
          measure,
          value_bin (value) AS bin,
          sign AS count
        FROM
          (
            SELECT
              sign,
              'duration' AS measure,
              value
            FROM
              (
                SELECT
                  *,
                  duration_ms AS value
                FROM
                  cut_off
              ) r
            WHERE
              value IS NOT NULL
            UNION ALL
            SELECT
              sign,
              'promotion' AS measure,
              value
            FROM
              (
                SELECT
                  *,
                  promotion_lead_ms AS value
                FROM
                  cut_off
              ) r
            WHERE
              value IS NOT NULL
            UNION ALL
            SELECT
              sign,
              'recovery' AS measure,
              value
            FROM
              (
                SELECT
                  *,
                  CASE
                    WHEN failure_kind <> 'inferred' THEN (
                      extract(
                        epoch
                        FROM
                          recovered_at - CASE
                            WHEN failure_kind = 'incident' THEN incident_at
                            ELSE finished_at
                          END
                      ) * 1000
                    )::bigint
                  END AS value
                FROM
                  cut_off
              ) r
            WHERE
              value IS NOT NULL
            UNION ALL
            SELECT
              sign,
              'inferred recovery' AS measure,
              value
            FROM
              (
                SELECT
                  *,
                  CASE
                    WHEN failure_kind = 'inferred' THEN (
                      extract(
                        epoch
                        FROM
                          recovered_at - finished_at
                      ) * 1000
                    )::bigint
                  END AS value
                FROM
                  cut_off
              ) r
            WHERE
              value IS NOT NULL
            UNION ALL
            SELECT
              sign,
              'inferred incident recovery' AS measure,
              value
            FROM
              (
                SELECT
                  *,
                  CASE
                    WHEN failure_kind = 'inferred' THEN (
                      extract(
                        epoch
                        FROM
                          incident_recovered_at - incident_at
                      ) * 1000
                    )::bigint
                  END AS value
                FROM
                  cut_off
              ) r
            WHERE
              value IS NOT NULL
            UNION ALL
            SELECT
              sign,
              'lead',
              value
            FROM
              cut_off,
              unnest(commit_lead_ms) AS value
          ) measured
        WHERE
          measure = ANY ('{"duration","promotion","recovery","inferred incident recovery","lead"}')
        UNION ALL
        SELECT
          measure,
          bin,
          count
        FROM
          deployment_histogram
        WHERE
          tenant = $tenant
          AND environment_name = (
            SELECT
              name
            FROM
              requested
          )
          AND grain = 'week'
          AND start >= (
            SELECT
              first
            FROM
              weeks
          )
          AND start < (
            SELECT
              first_four
            FROM
              weeks
          )
          AND measure = ANY ('{"duration","promotion","recovery","inferred incident recovery","lead"}')
        UNION ALL
        SELECT
          measure,
          bin,
          count
        FROM
          deployment_histogram
        WHERE
          tenant = $tenant
          AND environment_name = (
            SELECT
              name
            FROM
              requested
          )
          AND grain = 'week'
          AND start >= (
            SELECT
              beyond_fours
            FROM
              weeks
          )
          AND start < (
            SELECT
              beyond
            FROM
              weeks
          )
          AND measure = ANY ('{"duration","promotion","recovery","inferred incident recovery","lead"}')
      ) counts
    GROUP BY
      1,
      2
  ),
  bin_group AS MATERIALIZED (
    SELECT
      measure,
      bin_group,
      upto - count AS below,
      upto,
      n
    FROM
      (
        SELECT
          measure,
          bin_group,
          count,
          sum(count) OVER (
            PARTITION BY
              measure
            ORDER BY
              bin_group
          )::bigint AS upto,
          sum(count) OVER (
            PARTITION BY
              measure
          )::bigint AS n
        FROM
          (
            SELECT
              measure,
              bin_group,
              sum(count)::bigint AS count
            FROM
              (
                SELECT
                  measure,
                  (bin >> 5) AS bin_group,
                  count
                FROM
                  at_ends
                UNION ALL
                SELECT
                  CASE measure
                    WHEN 'inferred incident recovery' THEN 'recovery'
                    ELSE measure
                  END AS measure,
                  bin,
                  count
                FROM
                  deployment_histogram
                WHERE
                  tenant = $tenant
                  AND environment_name = (
                    SELECT
                      name
                    FROM
                      requested
                  )
                  AND grain = 'bin groups'
                  AND start >= (
                    SELECT
                      first_four
                    FROM
                      weeks
                  )
                  AND start < (
                    SELECT
                      beyond_fours
                    FROM
                      weeks
                  )
                  AND measure = ANY ('{"duration","promotion","recovery","inferred incident recovery","lead"}')
              ) counts
            GROUP BY
              1,
              2
          ) distribution
      ) summed
  ),
  rank AS MATERIALIZED (
    SELECT
      measure,
      n,
      part,
      at,
      floor(at)::bigint AS low,
      ceil(at)::bigint AS high
    FROM
      (
        SELECT DISTINCT
          measure,
          n
        FROM
          bin_group
      ) known
      CROSS JOIN (
        VALUES
          (0.5::double precision),
          (0.95)
      ) parts (part)
      CROSS JOIN LATERAL (
        SELECT
          part * (n - 1) AS at
      ) exact
  ),
  sought AS MATERIALIZED (
    SELECT DISTINCT
      measure,
      k,
      bin_group,
      below
    FROM
      rank
      CROSS JOIN LATERAL (
        VALUES
          (low),
          (high)
      ) ends (k)
      JOIN bin_group USING (measure)
    WHERE
      below <= k
      AND k < upto
  ),
  bins AS MATERIALIZED (
    SELECT
      measure,
      bin_group,
      distribution.bin,
      below + upto - count AS below,
      below + upto AS upto
    FROM
      (
        SELECT DISTINCT
          measure,
          bin_group,
          below
        FROM
          sought
      ) within
      CROSS JOIN LATERAL (
        SELECT
          bin,
          sum(count)::bigint AS count,
          (
            sum(sum(count)) OVER (
              ORDER BY
                bin
            )
          )::bigint AS upto
        FROM
          (
            SELECT
              bin,
              count
            FROM
              at_ends
            WHERE
              at_ends.measure = within.measure
              AND (bin >> 5) = bin_group
            UNION ALL
            SELECT
              bin,
              count
            FROM
              deployment_histogram
            WHERE
              tenant = $tenant
              AND environment_name = (
                SELECT
                  name
                FROM
                  requested
              )
              AND grain = 'four weeks'
              AND start >= (
                SELECT
                  first_four
                FROM
                  weeks
              )
              AND start < (
                SELECT
                  beyond_fours
                FROM
                  weeks
              )
              AND measure = ANY (
                CASE
                  WHEN within.measure = 'recovery' THEN '{recovery,"inferred incident recovery"}'
                  ELSE ARRAY[within.measure]
                END::text[]
              )
              AND bin >= bin_group << 5
              AND bin < (bin_group + 1) << 5
          ) counts
        GROUP BY
          bin
      ) distribution
  ),
  located AS MATERIALIZED (
    SELECT
      measure,
      k,
      bin,
      k - bins.below AS at
    FROM
      sought
      JOIN bins USING (measure, bin_group)
    WHERE
      bins.below <= k
      AND k < bins.upto
  ),
  valued AS MATERIALIZED (
    SELECT
      measure,
      bin,
      ordered
    FROM
      (
        SELECT DISTINCT
          measure,
          bin
        FROM
          located
        WHERE
          bin <> 0
      ) within
      CROSS JOIN LATERAL (
        SELECT
          array_agg(
            value
            ORDER BY
              value
          ) AS ordered
        FROM
          (
            SELECT
              value,
              generate_series(1, count)
            FROM
              deployment_value
            WHERE
              tenant = $tenant
              AND environment_name = (
                SELECT
                  name
                FROM
                  requested
              )
              AND measure = ANY (
                CASE
                  WHEN within.measure = 'recovery' THEN '{recovery,"inferred incident recovery"}'
                  ELSE ARRAY[within.measure]
                END::text[]
              )
              AND bin = within.bin
              AND finished_at >= $from::timestamptz
              AND finished_at < $to::timestamptz
          ) each
      ) v
  ),
  found AS MATERIALIZED (
    SELECT
      measure,
      k,
      coalesce(ordered[at + 1], 0)::double precision AS value
    FROM
      located
      LEFT JOIN valued USING (measure, bin)
  ),
  quantile AS MATERIALIZED (
    SELECT
      rank.measure,
      part,
      n,
      low.value + (at - rank.low) * (high.value - low.value) AS value
    FROM
      rank
      JOIN found low ON low.measure = rank.measure
      AND low.k = rank.low
      JOIN found high ON high.measure = rank.measure
      AND high.k = rank.high
  )
SELECT
  json_build_object(
    'environment',
    (
      SELECT
        name
      FROM
        requested
    ),
    'deployments',
    deployments,
    'cancelled',
    cancelled,
    'successes',
    successes,
    'failed',
    failed,
    'reported',
    reported,
    'inferred',
    0,
    'incidents',
    incidents + inferred_incidents,
    'unattributed',
    (
      SELECT
        count(*)
      FROM
        (
          SELECT
            i.*
          FROM
            incident i
          WHERE
            i.tenant = $tenant
            AND i.environment_name = (
              SELECT
                coalesce(
                  environment_name ($tenant, $environment::text),
                  (
                    SELECT
                      name
                    FROM
                      environments ($tenant)
                    ORDER BY
                      rank DESC
                    LIMIT
                      1
                  )
                )
            )
            AND i.started_at >= $from::timestamptz
            AND i.started_at < $to::timestamptz
            AND i.deployment_id IS NULL
            AND (
              i.named_deployment_id IS NULL
              OR NOT EXISTS (
                SELECT
                FROM
                  deployment_voided v
                WHERE
                  v.tenant = i.tenant
                  AND v.deployment_id = i.named_deployment_id
                  AND (
                    i.named_application IS NULL
                    OR v.application = i.named_application
                  )
                  AND (
                    i.named_environment IS NULL
                    OR v.environment_name = i.environment_name
                  )
              )
            )
        ) i
      WHERE
        i.deployment_id IS NULL
        AND i.environment_name IS NOT NULL
    ),
    'unplanned',
    unplanned,
    'recovered',
    recovered - recovered_inferred + recovered_inferred_incidents,
    'open',
    failed + reported + incidents + inferred_incidents - (recovered - recovered_inferred + recovered_inferred_incidents),
    'days',
    (
      SELECT
        count(*)::integer
      FROM
        generate_series(
          least(
            date_trunc('day', $from::timestamptz AT TIME ZONE $timezone::text),
            date_trunc('day', ($to::timestamptz - interval '1 millisecond') AT TIME ZONE $timezone::text)
          ),
          greatest(
            date_trunc('day', $from::timestamptz AT TIME ZONE $timezone::text),
            date_trunc('day', ($to::timestamptz - interval '1 millisecond') AT TIME ZONE $timezone::text)
          ),
          interval '1 day'
        ) AS day
      WHERE
        (day AT TIME ZONE $timezone::text AT TIME ZONE $timezone::text)::date = day::date
    ),
    'buckets',
    (
      SELECT
        json_agg(
          json_build_object('start', instant (start), 'count', coalesce(counted.successes, 0))
          ORDER BY
            start
        )
      FROM
        bucket
        LEFT JOIN counted USING (n)
    ),
    'leadTime',
    (
      SELECT
        json_build_object(
          'median',
          max(value) FILTER (
            WHERE
              part = 0.5
          ),
          'p95',
          max(value) FILTER (
            WHERE
              part = 0.95
          ),
          'n',
          coalesce(max(n), 0)
        )
      FROM
        quantile
      WHERE
        measure = 'lead'
    ),
    'recovery',
    (
      SELECT
        json_build_object(
          'median',
          max(value) FILTER (
            WHERE
              part = 0.5
          ),
          'p95',
          max(value) FILTER (
            WHERE
              part = 0.95
          ),
          'n',
          coalesce(max(n), 0)
        )
      FROM
        quantile
      WHERE
        measure = 'recovery'
    ),
    'duration',
    (
      SELECT
        json_build_object(
          'median',
          max(value) FILTER (
            WHERE
              part = 0.5
          ),
          'p95',
          max(value) FILTER (
            WHERE
              part = 0.95
          ),
          'n',
          coalesce(max(n), 0)
        )
      FROM
        quantile
      WHERE
        measure = 'duration'
    ),
    'promotionLead',
    (
      SELECT
        json_build_object(
          'median',
          max(value) FILTER (
            WHERE
              part = 0.5
          ),
          'p95',
          max(value) FILTER (
            WHERE
              part = 0.95
          ),
          'n',
          coalesce(max(n), 0)
        )
      FROM
        quantile
      WHERE
        measure = 'promotion'
    )
  ) AS "metricValues",
  coalesce(
    (
      SELECT
        string_agg(
          partition || ':' || seq,
          ','
          ORDER BY
            partition
        )
      FROM
        projection_position
      WHERE
        projection = 'deployments'
        AND seq > 0
    ),
    ''
  ) AS positions
FROM
  total
