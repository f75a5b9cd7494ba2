-- refresh metrics of applications

WITH
  requested AS (
    SELECT
      *
    FROM
      unnest($requested_tenant::text[], $requested_application::text[]) AS requested (tenant, application)
  ),
  first AS MATERIALIZED (
    SELECT
      known.tenant,
      e.name
    FROM
      (
        SELECT DISTINCT
          tenant
        FROM
          requested
      ) known
      CROSS JOIN LATERAL (
        SELECT
          name
        FROM
          environments (known.tenant)
        ORDER BY
          rank
        LIMIT
          1
      ) e
  ),
  candidate AS MATERIALIZED (
    SELECT
      h.tenant,
      h.deployment_id,
      first.name AS first_environment
    FROM
      requested
      JOIN first USING (tenant)
      JOIN deployment_history h ON h.tenant = requested.tenant
      AND h.application = requested.application
  ),
  removed AS (
    SELECT
      *
    FROM
      deployment_metric
    WHERE
      false
  ),
  evaluated AS (
    SELECT
      h.tenant,
      h.application,
      h.environment_name,
      h.finished_at,
      h.log_order,
      h.deployment_id,
      h.image_tag,
      h.succeeded,
      h.status = 'CANCELLED' AS cancelled,
      failure.kind AS failure_kind,
      coalesce(
        h.unplanned
        AND h.status <> 'CANCELLED',
        false
      ) AS unplanned,
      CASE
        WHEN h.succeeded THEN (
          extract(
            epoch
            FROM
              h.completed_at - h.deployed_at
          ) * 1000
        )::bigint
      END AS duration_ms,
      CASE
        WHEN failure.kind = 'incident' THEN since_incident.recovered_at
        ELSE recovery.finished_at
      END AS recovered_at,
      since_incident.at AS incident_at,
      since_incident.recovered_at AS incident_recovered_at,
      since_incident.is_open AS incident_open,
      CASE
        WHEN first_here.log_order = h.log_order THEN (
          extract(
            epoch
            FROM
              h.finished_at - coalesce(first_there.finished_at, h.finished_at)
          ) * 1000
        )::bigint
      END AS promotion_lead_ms,
      coalesce(commits.leads, '{}') AS commit_lead_ms
    FROM
      candidate
      CROSS JOIN LATERAL (
        SELECT
          h.*
        FROM
          deployment_history h
        WHERE
          (h.tenant, h.deployment_id) >= (candidate.tenant, candidate.deployment_id)
          AND (h.tenant, h.deployment_id) <= (candidate.tenant, candidate.deployment_id)
        ORDER BY
          h.tenant,
          h.deployment_id
        OFFSET
          0
      ) h
      LEFT JOIN LATERAL (
        SELECT
          first.started_at,
          last.resolved_at IS NULL AS is_open,
          last.resolved_at
        FROM
          (
            SELECT
              i.started_at
            FROM
              incident i
            WHERE
              (i.deployment_id, i.tenant) >= (h.deployment_id, h.tenant)
              AND (i.deployment_id, i.tenant) <= (h.deployment_id, h.tenant)
              AND i.deployment_id IS NOT NULL
            ORDER BY
              i.deployment_id,
              i.tenant,
              i.started_at,
              i.log_order
            LIMIT
              1
          ) first
          CROSS JOIN LATERAL (
            -- NULLs are first in descending order.
            SELECT
              i.resolved_at
            FROM
              incident i
            WHERE
              (i.deployment_id, i.tenant) >= (h.deployment_id, h.tenant)
              AND (i.deployment_id, i.tenant) <= (h.deployment_id, h.tenant)
              AND i.deployment_id IS NOT NULL
            ORDER BY
              i.deployment_id DESC,
              i.tenant DESC,
              i.resolved_at DESC
            LIMIT
              1
          ) last
      ) incident ON h.succeeded
      CROSS JOIN LATERAL (
        SELECT
          CASE
            WHEN h.status = 'CANCELLED' THEN NULL
            WHEN h.status = 'FAILED' THEN 'failed'
            WHEN h.status = 'ROLLED_BACK'
            OR EXISTS (
              SELECT
              FROM
                deployment_history n
              WHERE
                (n.tenant, n.rollback_of, n.application, n.environment_name) >= (h.tenant, h.deployment_id, h.application, h.environment_name)
                AND (n.tenant, n.rollback_of, n.application, n.environment_name) <= (h.tenant, h.deployment_id, h.application, h.environment_name)
                AND n.succeeded
                AND n.rollback_of IS NOT NULL
                AND n.deployment_id <> h.deployment_id
              ORDER BY
                n.tenant,
                n.rollback_of,
                n.application,
                n.environment_name,
                n.deployed_at,
                n.log_order
              OFFSET
                0
            ) THEN 'reported'
            WHEN EXISTS (
              SELECT
              FROM
                deployment_history n
              WHERE
                (n.tenant, n.inferred_rollback_of) >= (h.tenant, h.deployment_id)
                AND (n.tenant, n.inferred_rollback_of) <= (h.tenant, h.deployment_id)
                AND n.inferred_rollback_of IS NOT NULL
              ORDER BY
                n.tenant,
                n.inferred_rollback_of
              OFFSET
                0
            ) THEN 'inferred'
            WHEN incident.started_at IS NOT NULL THEN 'incident'
          END AS kind
        OFFSET
          0
      ) failure
      LEFT JOIN LATERAL (
        SELECT
          incident.started_at AS at,
          incident.is_open,
          CASE
            WHEN incident.is_open THEN (
              SELECT
                next.finished_at
              FROM
                (
                  SELECT
                    h.tenant,
                    h.application,
                    h.environment_name,
                    greatest(h.finished_at, incident.started_at) AS finished_at,
                    CASE
                      WHEN h.finished_at > incident.started_at THEN h.log_order
                      ELSE 9223372036854775807
                    END AS log_order
                ) waiting
                CROSS JOIN LATERAL (
                  SELECT
                    next.finished_at
                  FROM
                    deployment_history next
                  WHERE
                    (next.tenant, next.application, next.environment_name, next.finished_at, next.log_order) > (waiting.tenant, waiting.application, waiting.environment_name, waiting.finished_at, waiting.log_order)
                    AND (next.tenant, next.application, next.environment_name) <= (waiting.tenant, waiting.application, waiting.environment_name)
                    AND next.succeeded
                  ORDER BY
                    next.tenant,
                    next.application,
                    next.environment_name,
                    next.finished_at,
                    next.log_order
                  LIMIT
                    1
                ) next
            )
            ELSE incident.resolved_at
          END AS recovered_at
        WHERE
          incident.started_at IS NOT NULL
          AND failure.kind IN ('inferred', 'incident')
        OFFSET
          0
      ) since_incident ON true
      LEFT JOIN LATERAL (
        SELECT
          next.finished_at
        FROM
          deployment_history next
        WHERE
          failure.kind <> 'incident'
          AND (next.tenant, next.application, next.environment_name, next.finished_at, next.log_order) > (h.tenant, h.application, h.environment_name, h.finished_at, h.log_order)
          AND (next.tenant, next.application, next.environment_name) <= (h.tenant, h.application, h.environment_name)
          AND next.succeeded
        ORDER BY
          next.tenant,
          next.application,
          next.environment_name,
          next.finished_at,
          next.log_order
        LIMIT
          1
      ) recovery ON true
      LEFT JOIN LATERAL (
        SELECT
          f.finished_at
        FROM
          deployment_history f
        WHERE
          h.succeeded
          AND h.environment_name <> candidate.first_environment
          AND (f.tenant, f.image_tag, f.application, f.environment_name) >= (h.tenant, h.image_tag, h.application, candidate.first_environment)
          AND (f.tenant, f.image_tag, f.application, f.environment_name) <= (h.tenant, h.image_tag, h.application, candidate.first_environment)
          AND f.succeeded
        ORDER BY
          f.tenant,
          f.image_tag,
          f.application,
          f.environment_name,
          f.finished_at,
          f.log_order
        LIMIT
          1
      ) first_there ON true
      LEFT JOIN LATERAL (
        SELECT
          f.log_order
        FROM
          deployment_history f
        WHERE
          h.succeeded
          AND (
            h.environment_name = candidate.first_environment
            OR first_there.finished_at <= h.finished_at
          )
          AND (f.tenant, f.image_tag, f.application, f.environment_name) >= (h.tenant, h.image_tag, h.application, h.environment_name)
          AND (f.tenant, f.image_tag, f.application, f.environment_name) <= (h.tenant, h.image_tag, h.application, h.environment_name)
          AND f.succeeded
        ORDER BY
          f.tenant,
          f.image_tag,
          f.application,
          f.environment_name,
          f.finished_at,
          f.log_order
        LIMIT
          1
      ) first_here ON true
      LEFT JOIN LATERAL (
        SELECT
          array_agg(
            (
              extract(
                epoch
                FROM
                  h.finished_at - c.committed_at
              ) * 1000
            )::bigint
            ORDER BY
              c.sha
          ) AS leads
        FROM
          (
            SELECT
              c.*
            FROM
              deployment_commit c
            WHERE
              (c.tenant, c.deployment_id) >= (h.tenant, h.deployment_id)
              AND (c.tenant, c.deployment_id) <= (h.tenant, h.deployment_id)
              AND h.succeeded
              AND h.commits IS NOT NULL
            ORDER BY
              c.tenant,
              c.deployment_id
            OFFSET
              0
          ) c
        WHERE
          c.committed_at IS NOT NULL
          AND c.log_order = (
            SELECT
              first.log_order
            FROM
              deployment_commit first
            WHERE
              (first.tenant, first.sha, first.application, first.environment_name, first.succeeded) >= (c.tenant, c.sha, c.application, c.environment_name, true)
              AND (first.tenant, first.sha, first.application, first.environment_name, first.succeeded) <= (c.tenant, c.sha, c.application, c.environment_name, true)
            ORDER BY
              first.tenant,
              first.sha,
              first.application,
              first.environment_name,
              first.succeeded,
              first.finished_at,
              first.log_order
            LIMIT
              1
          )
      ) commits ON true
    WHERE
      h.status <> 'PENDING'
  ),
  written AS (
    INSERT INTO
      deployment_metric AS m (
        tenant,
        application,
        environment_name,
        finished_at,
        log_order,
        deployment_id,
        image_tag,
        succeeded,
        cancelled,
        failure_kind,
        unplanned,
        duration_ms,
        recovered_at,
        incident_at,
        incident_recovered_at,
        incident_open,
        promotion_lead_ms,
        commit_lead_ms
      )
    SELECT
      tenant,
      application,
      environment_name,
      finished_at,
      log_order,
      deployment_id,
      image_tag,
      succeeded,
      cancelled,
      failure_kind,
      unplanned,
      duration_ms,
      recovered_at,
      incident_at,
      incident_recovered_at,
      incident_open,
      promotion_lead_ms,
      commit_lead_ms
    FROM
      evaluated
    ON CONFLICT (tenant, application, environment_name, finished_at, log_order) DO UPDATE
    SET
      deployment_id = excluded.deployment_id,
      image_tag = excluded.image_tag,
      succeeded = excluded.succeeded,
      cancelled = excluded.cancelled,
      failure_kind = excluded.failure_kind,
      unplanned = excluded.unplanned,
      duration_ms = excluded.duration_ms,
      recovered_at = excluded.recovered_at,
      incident_at = excluded.incident_at,
      incident_recovered_at = excluded.incident_recovered_at,
      incident_open = excluded.incident_open,
      promotion_lead_ms = excluded.promotion_lead_ms,
      commit_lead_ms = excluded.commit_lead_ms
    WHERE
      (
        m.deployment_id,
        m.image_tag,
        m.succeeded,
        m.cancelled,
        m.failure_kind,
        m.unplanned,
        m.duration_ms,
        m.recovered_at,
        m.incident_at,
        m.incident_recovered_at,
        m.incident_open,
        m.promotion_lead_ms,
        m.commit_lead_ms
      ) IS DISTINCT FROM (
        excluded.deployment_id,
        excluded.image_tag,
        excluded.succeeded,
        excluded.cancelled,
        excluded.failure_kind,
        excluded.unplanned,
        excluded.duration_ms,
        excluded.recovered_at,
        excluded.incident_at,
        excluded.incident_recovered_at,
        excluded.incident_open,
        excluded.promotion_lead_ms,
        excluded.commit_lead_ms
      )
    RETURNING
      old.log_order IS NOT NULL AS replaced,
      old.tenant AS old_tenant,
      new.tenant,
      old.application AS old_application,
      new.application,
      old.environment_name AS old_environment_name,
      new.environment_name,
      old.finished_at AS old_finished_at,
      new.finished_at,
      old.log_order AS old_log_order,
      new.log_order,
      old.deployment_id AS old_deployment_id,
      new.deployment_id,
      old.image_tag AS old_image_tag,
      new.image_tag,
      old.succeeded AS old_succeeded,
      new.succeeded,
      old.cancelled AS old_cancelled,
      new.cancelled,
      old.failure_kind AS old_failure_kind,
      new.failure_kind,
      old.unplanned AS old_unplanned,
      new.unplanned,
      old.duration_ms AS old_duration_ms,
      new.duration_ms,
      old.recovered_at AS old_recovered_at,
      new.recovered_at,
      old.incident_at AS old_incident_at,
      new.incident_at,
      old.incident_recovered_at AS old_incident_recovered_at,
      new.incident_recovered_at,
      old.incident_open AS old_incident_open,
      new.incident_open,
      old.promotion_lead_ms AS old_promotion_lead_ms,
      new.promotion_lead_ms,
      old.commit_lead_ms AS old_commit_lead_ms,
      new.commit_lead_ms
  ),
  delta AS MATERIALIZED (
    SELECT
      1 AS sign,
      tenant,
      application,
      environment_name,
      finished_at,
      log_order,
      deployment_id,
      image_tag,
      succeeded,
      cancelled,
      failure_kind,
      unplanned,
      duration_ms,
      recovered_at,
      incident_at,
      incident_recovered_at,
      incident_open,
      promotion_lead_ms,
      commit_lead_ms
    FROM
      written
    UNION ALL
    SELECT
      -1,
      old_tenant,
      old_application,
      old_environment_name,
      old_finished_at,
      old_log_order,
      old_deployment_id,
      old_image_tag,
      old_succeeded,
      old_cancelled,
      old_failure_kind,
      old_unplanned,
      old_duration_ms,
      old_recovered_at,
      old_incident_at,
      old_incident_recovered_at,
      old_incident_open,
      old_promotion_lead_ms,
      old_commit_lead_ms
    FROM
      written
    WHERE
      replaced
    UNION ALL
    SELECT
      -1,
      tenant,
      application,
      environment_name,
      finished_at,
      log_order,
      deployment_id,
      image_tag,
      succeeded,
      cancelled,
      failure_kind,
      unplanned,
      duration_ms,
      recovered_at,
      incident_at,
      incident_recovered_at,
      incident_open,
      promotion_lead_ms,
      commit_lead_ms
    FROM
      removed
  ),
  counter AS (
    INSERT INTO
      deployment_counter AS t (
        tenant,
        environment_name,
        grain,
        start,
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
      )
    SELECT
      tenant,
      environment_name,
      grain,
      start,
      coalesce(
        sum(sign) FILTER (
          WHERE
            NOT cancelled
        ),
        0
      ) AS deployments,
      coalesce(
        sum(sign) FILTER (
          WHERE
            succeeded
        ),
        0
      ) AS successes,
      coalesce(
        sum(sign) FILTER (
          WHERE
            failure_kind = 'failed'
        ),
        0
      ) AS failed,
      coalesce(
        sum(sign) FILTER (
          WHERE
            failure_kind = 'reported'
        ),
        0
      ) AS reported,
      coalesce(
        sum(sign) FILTER (
          WHERE
            failure_kind = 'inferred'
        ),
        0
      ) AS inferred,
      coalesce(
        sum(sign) FILTER (
          WHERE
            unplanned
        ),
        0
      ) AS unplanned,
      coalesce(
        sum(sign) FILTER (
          WHERE
            recovered_at IS NOT NULL
        ),
        0
      ) AS recovered,
      coalesce(
        sum(sign) FILTER (
          WHERE
            recovered_at IS NOT NULL
            AND failure_kind = 'inferred'
        ),
        0
      ) AS recovered_inferred,
      coalesce(
        sum(sign) FILTER (
          WHERE
            cancelled
        ),
        0
      ) AS cancelled,
      coalesce(
        sum(sign) FILTER (
          WHERE
            failure_kind = 'incident'
        ),
        0
      ) AS incidents,
      coalesce(
        sum(sign) FILTER (
          WHERE
            failure_kind = 'inferred'
            AND incident_at IS NOT NULL
        ),
        0
      ) AS inferred_incidents,
      coalesce(
        sum(sign) FILTER (
          WHERE
            failure_kind = 'inferred'
            AND incident_recovered_at IS NOT NULL
        ),
        0
      ) AS recovered_inferred_incidents
    FROM
      delta
      CROSS JOIN LATERAL (
        VALUES
          ('hour', date_bin('1 hour', finished_at, timestamptz '2001-01-01Z')),
          ('day', date_bin('24 hours', finished_at, timestamptz '2001-01-01Z'))
      ) AS block (grain, start)
    GROUP BY
      tenant,
      environment_name,
      grain,
      start
    ORDER BY
      tenant,
      environment_name,
      grain,
      start
    ON CONFLICT (tenant, environment_name, grain, start) DO UPDATE
    SET
      deployments = t.deployments + excluded.deployments,
      successes = t.successes + excluded.successes,
      failed = t.failed + excluded.failed,
      reported = t.reported + excluded.reported,
      inferred = t.inferred + excluded.inferred,
      unplanned = t.unplanned + excluded.unplanned,
      recovered = t.recovered + excluded.recovered,
      recovered_inferred = t.recovered_inferred + excluded.recovered_inferred,
      cancelled = t.cancelled + excluded.cancelled,
      incidents = t.incidents + excluded.incidents,
      inferred_incidents = t.inferred_incidents + excluded.inferred_incidents,
      recovered_inferred_incidents = t.recovered_inferred_incidents + excluded.recovered_inferred_incidents
    RETURNING
      t.ctid AS row_id,
      t.deployments,
      t.cancelled
  ),
  distribution AS MATERIALIZED (
    SELECT
      tenant,
      environment_name,
      measure,
      value_bin (value) AS bin,
      finished_at,
      value,
      sum(sign) AS count
    FROM
      (
        SELECT
          sign,
          tenant,
          environment_name,
          finished_at,
          'duration' AS measure,
          value
        FROM
          (
            SELECT
              *,
              duration_ms AS value
            FROM
              delta
          ) r
        WHERE
          value IS NOT NULL
        UNION ALL
        SELECT
          sign,
          tenant,
          environment_name,
          finished_at,
          'promotion' AS measure,
          value
        FROM
          (
            SELECT
              *,
              promotion_lead_ms AS value
            FROM
              delta
          ) r
        WHERE
          value IS NOT NULL
        UNION ALL
        SELECT
          sign,
          tenant,
          environment_name,
          finished_at,
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
              delta
          ) r
        WHERE
          value IS NOT NULL
        UNION ALL
        SELECT
          sign,
          tenant,
          environment_name,
          finished_at,
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
              delta
          ) r
        WHERE
          value IS NOT NULL
        UNION ALL
        SELECT
          sign,
          tenant,
          environment_name,
          finished_at,
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
              delta
          ) r
        WHERE
          value IS NOT NULL
        UNION ALL
        SELECT
          sign,
          tenant,
          environment_name,
          finished_at,
          'lead',
          value
        FROM
          delta,
          unnest(commit_lead_ms) AS value
      ) measured
    WHERE
      (
        SELECT
          count(*)
        FROM
          counter
      ) >= 0
    GROUP BY
      tenant,
      environment_name,
      measure,
      finished_at,
      value
    HAVING
      sum(sign) <> 0
  ),
  histogram AS (
    INSERT INTO
      deployment_histogram AS t (tenant, environment_name, measure, grain, start, bin, count)
    SELECT
      tenant,
      environment_name,
      measure,
      grain,
      start,
      CASE grain
        WHEN 'bin groups' THEN (bin >> 5)
        ELSE bin
      END,
      sum(count)
    FROM
      distribution
      CROSS JOIN LATERAL (
        VALUES
          ('week', date_bin('168 hours', finished_at, timestamptz '2001-01-01Z')),
          ('four weeks', date_bin('672 hours', finished_at, timestamptz '2001-01-01Z')),
          ('bin groups', date_bin('672 hours', finished_at, timestamptz '2001-01-01Z'))
      ) AS block (grain, start)
    GROUP BY
      1,
      2,
      3,
      4,
      5,
      6
    HAVING
      sum(count) <> 0
    ORDER BY
      1,
      2,
      3,
      4,
      5,
      6
    ON CONFLICT (tenant, environment_name, measure, grain, start, bin) DO UPDATE
    SET
      count = t.count + excluded.count
    RETURNING
      t.ctid AS row_id,
      t.count
  ),
  stored_value AS (
    INSERT INTO
      deployment_value AS t (tenant, environment_name, measure, bin, finished_at, value, count)
    SELECT
      *
    FROM
      distribution
    WHERE
      bin <> 0
      AND (
        SELECT
          count(*)
        FROM
          histogram
      ) >= 0
    ORDER BY
      tenant,
      environment_name,
      measure,
      bin,
      finished_at,
      value
    ON CONFLICT (tenant, environment_name, measure, bin, finished_at, value) DO UPDATE
    SET
      count = t.count + excluded.count
    RETURNING
      t.ctid AS row_id,
      t.count
  )
SELECT
  'deployment_counter' AS table_name,
  row_id
FROM
  counter
WHERE
  deployments = 0
  AND cancelled = 0
UNION ALL
SELECT
  'deployment_histogram',
  row_id
FROM
  histogram
WHERE
  count = 0
UNION ALL
SELECT
  'deployment_value',
  row_id
FROM
  stored_value
WHERE
  count = 0
