-- metrics as of

-- several values and labels
WITH
  counted AS MATERIALIZED (
    SELECT
      *
    FROM
      (
        WITH
          requested AS MATERIALIZED (
            SELECT
              (
                SELECT
                  array_agg(DISTINCT environment_name ($tenant, key) COLLATE "C")
                FROM
                  unnest($environments::text[]) key
              ) AS names,
              (
                SELECT
                  name
                FROM
                  environments ($tenant)
                ORDER BY
                  rank
                LIMIT
                  1
              ) AS origin
          ),
          slot AS MATERIALIZED (
            SELECT
              h.application,
              h.environment_name,
              h.deployment_id,
              h.image_tag,
              h.status,
              h.succeeded,
              h.deployed_at,
              h.completed_at,
              h.finished_at,
              h.log_order,
              h.rollback_of,
              h.unplanned
            FROM
              (
                SELECT
                  h.tenant,
                  h.deployment_id,
                  h.application,
                  h.environment,
                  h.image_tag,
                  h.image,
                  h.git_commit,
                  h.git_branch,
                  CASE
                    WHEN NOT h.finished_at <= $asOf::timestamptz THEN 'PENDING'
                    WHEN NOT coalesce(h.rolled_back_at > $asOf::timestamptz, false) THEN h.status
                    WHEN h.succeeded THEN 'DEPLOYED'
                    ELSE (
                      SELECT
                        coalesce(
                          e.data ->> 'status',
                          (
                            SELECT
                              c ->> 'after'
                            FROM
                              json_array_elements(e.data -> 'corrections') c
                            WHERE
                              c ->> 'field' = 'status'
                          )
                        )
                      FROM
                        deployment_event e
                      WHERE
                        e.tenant = h.tenant
                        AND e.deployment_id = h.deployment_id
                        AND e.version <= h.version
                        AND (
                          e.data ->> 'status' IS NOT NULL
                          OR EXISTS (
                            SELECT
                              c ->> 'after'
                            FROM
                              json_array_elements(e.data -> 'corrections') c
                            WHERE
                              c ->> 'field' = 'status'
                          )
                        )
                      ORDER BY
                        e.version DESC
                      LIMIT
                        1
                    )
                  END AS status,
                  h.deployed_at,
                  CASE
                    WHEN h.finished_at <= $asOf::timestamptz THEN h.completed_at
                  END AS completed_at,
                  CASE
                    WHEN h.finished_at <= $asOf::timestamptz
                    AND NOT coalesce(h.rolled_back_at > $asOf::timestamptz, false) THEN h.rolled_back_at
                  END AS rolled_back_at,
                  CASE
                    WHEN h.finished_at <= $asOf::timestamptz
                    AND NOT coalesce(h.rolled_back_at > $asOf::timestamptz, false) THEN h.rollback_reason
                  END AS rollback_reason,
                  h.rollback_of,
                  CASE
                    WHEN h.removed_at <= $asOf::timestamptz THEN h.removed_at
                  END AS removed_at,
                  CASE
                    WHEN h.finished_at <= $asOf::timestamptz THEN h.failure_reason
                  END AS failure_reason,
                  h.actor,
                  h.pipeline,
                  h.commits,
                  h.notes,
                  h.migrations,
                  h.unplanned,
                  h.labels,
                  h.during_freeze,
                  h.environment_name,
                  h.succeeded
                  AND h.finished_at <= $asOf::timestamptz AS succeeded,
                  CASE
                    WHEN h.finished_at <= $asOf::timestamptz THEN h.finished_at
                    ELSE h.deployed_at
                  END AS finished_at,
                  h.correlation_id,
                  h.recorded_at,
                  h.partition,
                  h.recorded_seq,
                  h.log_order,
                  h.last_seq,
                  h.version,
                  h.recorded_bytes,
                  h.known_from,
                  h.finished_at AS reported_finish
                FROM
                  deployment_history h
                WHERE
                  true
                  AND h.deployed_at <= $asOf::timestamptz
              ) h
            WHERE
              h.tenant = $tenant
              AND h.environment_name = ANY (
                (
                  SELECT
                    names
                  FROM
                    requested
                )::text[]
              )
              AND h.status <> 'PENDING'
              AND h.application = ANY ($applications)
          ),
          named AS (
            SELECT
              application,
              environment_name,
              rollback_of AS deployment_id,
              array_agg(
                deployment_id
                ORDER BY
                  deployed_at,
                  log_order
              ) AS named_by
            FROM
              slot
            WHERE
              succeeded
              AND rollback_of <> deployment_id
            GROUP BY
              application,
              environment_name,
              rollback_of
          ),
          started AS (
            SELECT
              slot.*,
              row_number() OVER (
                PARTITION BY
                  application,
                  environment_name,
                  succeeded
                ORDER BY
                  deployed_at,
                  log_order
              ) AS n
            FROM
              slot
          ),
          tagged AS (
            SELECT
              started.*,
              min(n) OVER (
                PARTITION BY
                  application,
                  environment_name,
                  succeeded,
                  image_tag
              ) AS first_of_tag,
              row_number() OVER (
                PARTITION BY
                  application,
                  succeeded,
                  image_tag
                ORDER BY
                  finished_at,
                  log_order
              ) = 1 AS arrives
            FROM
              started
          ),
          replaced AS (
            SELECT
              tagged.*,
              CASE
                WHEN succeeded
                AND lead(rollback_of) OVER next IS NULL
                AND lead(first_of_tag) OVER next < first_of_tag THEN lead(deployment_id) OVER next
              END AS undone_by
            FROM
              tagged
            WINDOW
              next AS (
                PARTITION BY
                  application,
                  environment_name,
                  succeeded
                ORDER BY
                  n
              )
          ),
          finished AS (
            SELECT
              replaced.*,
              min(finished_at) FILTER (
                WHERE
                  succeeded
              ) OVER later AS next_success
            FROM
              replaced
            WINDOW
              later AS (
                PARTITION BY
                  application,
                  environment_name
                ORDER BY
                  finished_at DESC,
                  log_order DESC ROWS BETWEEN UNBOUNDED PRECEDING
                  AND 1 PRECEDING
              )
          ),
          incident_summary AS MATERIALIZED (
            SELECT
              i.deployment_id,
              min(i.started_at) AS incident_at,
              bool_or(i.resolved_at IS NULL) AS is_open,
              max(i.resolved_at) AS resolved_at
            FROM
              (
                SELECT
                  i.tenant,
                  i.incident_id,
                  i.started_at,
                  i.title,
                  i.url,
                  i.recorded_at,
                  i.partition,
                  i.log_order,
                  CASE
                    WHEN true
                    AND i.resolved_at <= $asOf::timestamptz THEN i.resolved_at
                  END AS resolved_at,
                  CASE
                    WHEN true THEN i.last_seq
                    ELSE i.recorded_seq
                  END AS last_seq,
                  CASE
                    WHEN true THEN i.version
                    ELSE 1
                  END AS version,
                  i.application,
                  i.environment,
                  i.environment_name,
                  (
                    SELECT
                      h.deployment_id
                    FROM
                      (
                        -- planner: OFFSET 0 keeps the time out of the choice of the index.
                        SELECT
                          h.*
                        FROM
                          deployment_history h
                        WHERE
                          h.tenant = i.tenant
                          AND h.deployment_id = i.deployment_id
                        OFFSET
                          0
                      ) h
                    WHERE
                      h.deployed_at <= $asOf::timestamptz
                  ) AS deployment_id
                FROM
                  incident i
                WHERE
                  i.tenant = $tenant
                  AND i.environment_name = ANY (
                    (
                      SELECT
                        names
                      FROM
                        requested
                    )::text[]
                  )
                  AND i.application = ANY ($applications)
                  AND i.started_at <= $asOf::timestamptz
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
              i.deployment_id IS NOT NULL
            GROUP BY
              i.deployment_id
          ),
          point AS (
            SELECT
              application,
              environment_name,
              NULL::uuid AS deployment_id,
              finished_at,
              log_order,
              true AS succeeded
            FROM
              slot
            WHERE
              succeeded
              AND EXISTS (
                SELECT
                FROM
                  incident_summary
                WHERE
                  is_open
              )
            UNION ALL
            SELECT
              application,
              environment_name,
              deployment_id,
              greatest(finished_at, i.incident_at),
              CASE
                WHEN finished_at > i.incident_at THEN log_order
                ELSE 9223372036854775807
              END,
              false
            FROM
              incident_summary i
              JOIN slot USING (deployment_id)
            WHERE
              i.is_open
          ),
          awaited AS (
            -- The deployment itself is not after its incident.
            SELECT
              *,
              min(finished_at) FILTER (
                WHERE
                  succeeded
              ) OVER later AS next_success
            FROM
              point
            WINDOW
              later AS (
                PARTITION BY
                  application,
                  environment_name
                ORDER BY
                  finished_at DESC,
                  log_order DESC,
                  succeeded ROWS BETWEEN UNBOUNDED PRECEDING
                  AND 1 PRECEDING
              )
          ),
          with_incident AS (
            SELECT
              i.deployment_id,
              i.incident_at,
              i.is_open,
              CASE
                WHEN i.is_open THEN awaited.next_success
                ELSE i.resolved_at
              END AS recovered_at
            FROM
              incident_summary i
              LEFT JOIN awaited USING (deployment_id)
          ),
          origin AS (
            SELECT DISTINCT
              ON (h.application, h.image_tag) h.application,
              h.image_tag,
              h.deployment_id AS origin_id,
              h.finished_at AS at
            FROM
              (
                SELECT
                  h.application,
                  h.image_tag,
                  h.deployment_id,
                  h.finished_at,
                  h.log_order
                FROM
                  (
                    SELECT
                      h.tenant,
                      h.deployment_id,
                      h.application,
                      h.environment,
                      h.image_tag,
                      h.image,
                      h.git_commit,
                      h.git_branch,
                      CASE
                        WHEN NOT h.finished_at <= $asOf::timestamptz THEN 'PENDING'
                        WHEN NOT coalesce(h.rolled_back_at > $asOf::timestamptz, false) THEN h.status
                        WHEN h.succeeded THEN 'DEPLOYED'
                        ELSE (
                          SELECT
                            coalesce(
                              e.data ->> 'status',
                              (
                                SELECT
                                  c ->> 'after'
                                FROM
                                  json_array_elements(e.data -> 'corrections') c
                                WHERE
                                  c ->> 'field' = 'status'
                              )
                            )
                          FROM
                            deployment_event e
                          WHERE
                            e.tenant = h.tenant
                            AND e.deployment_id = h.deployment_id
                            AND e.version <= h.version
                            AND (
                              e.data ->> 'status' IS NOT NULL
                              OR EXISTS (
                                SELECT
                                  c ->> 'after'
                                FROM
                                  json_array_elements(e.data -> 'corrections') c
                                WHERE
                                  c ->> 'field' = 'status'
                              )
                            )
                          ORDER BY
                            e.version DESC
                          LIMIT
                            1
                        )
                      END AS status,
                      h.deployed_at,
                      CASE
                        WHEN h.finished_at <= $asOf::timestamptz THEN h.completed_at
                      END AS completed_at,
                      CASE
                        WHEN h.finished_at <= $asOf::timestamptz
                        AND NOT coalesce(h.rolled_back_at > $asOf::timestamptz, false) THEN h.rolled_back_at
                      END AS rolled_back_at,
                      CASE
                        WHEN h.finished_at <= $asOf::timestamptz
                        AND NOT coalesce(h.rolled_back_at > $asOf::timestamptz, false) THEN h.rollback_reason
                      END AS rollback_reason,
                      h.rollback_of,
                      CASE
                        WHEN h.removed_at <= $asOf::timestamptz THEN h.removed_at
                      END AS removed_at,
                      CASE
                        WHEN h.finished_at <= $asOf::timestamptz THEN h.failure_reason
                      END AS failure_reason,
                      h.actor,
                      h.pipeline,
                      h.commits,
                      h.notes,
                      h.migrations,
                      h.unplanned,
                      h.labels,
                      h.during_freeze,
                      h.environment_name,
                      h.succeeded
                      AND h.finished_at <= $asOf::timestamptz AS succeeded,
                      CASE
                        WHEN h.finished_at <= $asOf::timestamptz THEN h.finished_at
                        ELSE h.deployed_at
                      END AS finished_at,
                      h.correlation_id,
                      h.recorded_at,
                      h.partition,
                      h.recorded_seq,
                      h.log_order,
                      h.last_seq,
                      h.version,
                      h.recorded_bytes,
                      h.known_from,
                      h.finished_at AS reported_finish
                    FROM
                      deployment_history h
                    WHERE
                      true
                      AND h.deployed_at <= $asOf::timestamptz
                  ) h
                WHERE
                  h.tenant = $tenant
                  AND h.environment_name = (
                    SELECT
                      origin
                    FROM
                      requested
                  )
                  AND h.succeeded
                  AND h.application = ANY ($applications)
              ) h
            ORDER BY
              h.application,
              h.image_tag,
              h.finished_at,
              h.log_order
          ),
          arrival AS (
            SELECT DISTINCT
              ON (h.application, c.sha) h.deployment_id,
              c.sha,
              c.committed_at,
              (
                extract(
                  epoch
                  FROM
                    h.finished_at - c.committed_at
                ) * 1000
              )::bigint AS lead_ms
            FROM
              (
                SELECT
                  h.application,
                  h.deployment_id,
                  h.finished_at,
                  h.log_order,
                  h.git_commit,
                  h.commits
                FROM
                  (
                    SELECT
                      h.tenant,
                      h.deployment_id,
                      h.application,
                      h.environment,
                      h.image_tag,
                      h.image,
                      h.git_commit,
                      h.git_branch,
                      CASE
                        WHEN NOT h.finished_at <= $asOf::timestamptz THEN 'PENDING'
                        WHEN NOT coalesce(h.rolled_back_at > $asOf::timestamptz, false) THEN h.status
                        WHEN h.succeeded THEN 'DEPLOYED'
                        ELSE (
                          SELECT
                            coalesce(
                              e.data ->> 'status',
                              (
                                SELECT
                                  c ->> 'after'
                                FROM
                                  json_array_elements(e.data -> 'corrections') c
                                WHERE
                                  c ->> 'field' = 'status'
                              )
                            )
                          FROM
                            deployment_event e
                          WHERE
                            e.tenant = h.tenant
                            AND e.deployment_id = h.deployment_id
                            AND e.version <= h.version
                            AND (
                              e.data ->> 'status' IS NOT NULL
                              OR EXISTS (
                                SELECT
                                  c ->> 'after'
                                FROM
                                  json_array_elements(e.data -> 'corrections') c
                                WHERE
                                  c ->> 'field' = 'status'
                              )
                            )
                          ORDER BY
                            e.version DESC
                          LIMIT
                            1
                        )
                      END AS status,
                      h.deployed_at,
                      CASE
                        WHEN h.finished_at <= $asOf::timestamptz THEN h.completed_at
                      END AS completed_at,
                      CASE
                        WHEN h.finished_at <= $asOf::timestamptz
                        AND NOT coalesce(h.rolled_back_at > $asOf::timestamptz, false) THEN h.rolled_back_at
                      END AS rolled_back_at,
                      CASE
                        WHEN h.finished_at <= $asOf::timestamptz
                        AND NOT coalesce(h.rolled_back_at > $asOf::timestamptz, false) THEN h.rollback_reason
                      END AS rollback_reason,
                      h.rollback_of,
                      CASE
                        WHEN h.removed_at <= $asOf::timestamptz THEN h.removed_at
                      END AS removed_at,
                      CASE
                        WHEN h.finished_at <= $asOf::timestamptz THEN h.failure_reason
                      END AS failure_reason,
                      h.actor,
                      h.pipeline,
                      h.commits,
                      h.notes,
                      h.migrations,
                      h.unplanned,
                      h.labels,
                      h.during_freeze,
                      h.environment_name,
                      h.succeeded
                      AND h.finished_at <= $asOf::timestamptz AS succeeded,
                      CASE
                        WHEN h.finished_at <= $asOf::timestamptz THEN h.finished_at
                        ELSE h.deployed_at
                      END AS finished_at,
                      h.correlation_id,
                      h.recorded_at,
                      h.partition,
                      h.recorded_seq,
                      h.log_order,
                      h.last_seq,
                      h.version,
                      h.recorded_bytes,
                      h.known_from,
                      h.finished_at AS reported_finish
                    FROM
                      deployment_history h
                    WHERE
                      true
                      AND h.deployed_at <= $asOf::timestamptz
                  ) h
                WHERE
                  h.tenant = $tenant
                  AND h.environment_name = ANY (
                    (
                      SELECT
                        names
                      FROM
                        requested
                    )::text[]
                  )
                  AND h.succeeded
                  AND (
                    h.commits IS NOT NULL
                    OR h.git_commit IS NOT NULL
                  )
                  AND h.application = ANY ($applications)
              ) h
              CROSS JOIN LATERAL (
                SELECT
                  (value ->> 'sha') COLLATE "C" AS sha,
                  (value ->> 'committedAt')::timestamptz(3) AS committed_at,
                  ordinality AS mention
                FROM
                  json_array_elements(h.commits) WITH ORDINALITY
                UNION ALL
                SELECT
                  h.git_commit,
                  NULL,
                  NULL
                WHERE
                  h.git_commit IS NOT NULL
              ) c
            ORDER BY
              h.application,
              c.sha,
              h.finished_at,
              h.log_order,
              c.mention NULLS LAST
          ),
          arrived AS (
            SELECT
              deployment_id,
              array_agg(
                lead_ms
                ORDER BY
                  sha
              ) AS commit_lead_ms,
              array_agg(
                sha
                ORDER BY
                  sha
              ) AS shas,
              array_agg(
                committed_at
                ORDER BY
                  sha
              ) AS committed
            FROM
              arrival
            WHERE
              committed_at IS NOT NULL
            GROUP BY
              deployment_id
          ),
          counted AS MATERIALIZED (
            -- planner: before the window is applied, so that its estimate does not make these joins nested loops.
            SELECT
              finished.*,
              named.named_by,
              incident.incident_at,
              incident.is_open,
              incident.recovered_at AS incident_recovered_at,
              CASE
                WHEN status = 'CANCELLED' THEN NULL
                WHEN status = 'FAILED' THEN 'failed'
                WHEN status = 'ROLLED_BACK'
                OR named_by IS NOT NULL THEN 'reported'
                WHEN undone_by IS NOT NULL THEN 'inferred'
                WHEN succeeded
                AND incident.incident_at IS NOT NULL THEN 'incident'
              END AS failure_kind
            FROM
              finished
              LEFT JOIN named USING (application, environment_name, deployment_id)
              LEFT JOIN with_incident incident USING (deployment_id)
          )
        SELECT
          application,
          environment_name,
          deployment_id,
          image_tag,
          finished_at,
          log_order,
          succeeded,
          status = 'CANCELLED' AS cancelled,
          failure_kind,
          coalesce(
            unplanned
            AND status <> 'CANCELLED',
            false
          ) AS unplanned,
          CASE
            WHEN succeeded THEN (
              extract(
                epoch
                FROM
                  completed_at - deployed_at
              ) * 1000
            )::bigint
          END AS duration_ms,
          CASE
            WHEN failure_kind = 'incident' THEN incident_recovered_at
            WHEN failure_kind IS NOT NULL THEN next_success
          END AS recovered_at,
          CASE
            WHEN failure_kind IN ('inferred', 'incident') THEN incident_at
          END AS incident_at,
          CASE
            WHEN failure_kind IN ('inferred', 'incident') THEN incident_recovered_at
          END AS incident_recovered_at,
          CASE
            WHEN failure_kind IN ('inferred', 'incident') THEN is_open
          END AS incident_open,
          CASE
            WHEN succeeded
            AND arrives
            AND origin.at <= finished_at THEN (
              extract(
                epoch
                FROM
                  finished_at - origin.at
              ) * 1000
            )::bigint
          END AS promotion_lead_ms,
          coalesce(commit_lead_ms, '{}') AS commit_lead_ms,
          named_by,
          undone_by,
          origin_id,
          shas,
          committed
        FROM
          (
            SELECT
              *
            FROM
              counted
            WHERE
              finished_at >= $from::timestamptz
              AND finished_at < $to::timestamptz
          ) counted
          LEFT JOIN origin USING (application, image_tag)
          LEFT JOIN arrived USING (deployment_id)
      ) m
    WHERE
      EXISTS (
        SELECT
        FROM
          deployment_label l
        WHERE
          l.tenant = $tenant
          AND l.deployment_id = m.deployment_id
          AND l.label = $label0::uuid
      )
  ),
  bucket AS MATERIALIZED (
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
  ),
  recovery AS (
    SELECT
      (
        extract(
          epoch
          FROM
            m.recovered_at - CASE
              WHEN m.failure_kind = 'incident' THEN m.incident_at
              ELSE m.finished_at
            END
        ) * 1000
      )::bigint AS ms
    FROM
      counted m
    WHERE
      m.failure_kind IS NOT NULL
  )
SELECT
  json_build_object(
    'environments',
    (
      SELECT
        array_agg(DISTINCT environment_name ($tenant, key) COLLATE "C")
      FROM
        unnest($environments::text[]) key
    ),
    'deployments',
    count(*) FILTER (
      WHERE
        NOT cancelled
    ),
    'cancelled',
    count(*) FILTER (
      WHERE
        cancelled
    ),
    'successes',
    count(*) FILTER (
      WHERE
        succeeded
    ),
    'failed',
    count(*) FILTER (
      WHERE
        m.failure_kind = 'failed'
    ),
    'reported',
    count(*) FILTER (
      WHERE
        m.failure_kind = 'reported'
    ),
    'inferred',
    count(*) FILTER (
      WHERE
        m.failure_kind = 'inferred'
    ),
    'incidents',
    count(*) FILTER (
      WHERE
        m.failure_kind = 'incident'
    ),
    'unattributed',
    0,
    'unplanned',
    count(*) FILTER (
      WHERE
        unplanned
    ),
    'recovered',
    (
      SELECT
        count(ms)
      FROM
        recovery
    ),
    'open',
    (
      SELECT
        count(*)
      FROM
        recovery
      WHERE
        ms IS NULL
    ),
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
          json_build_object('start', instant (start), 'count', coalesce(count, 0))
          ORDER BY
            start
        )
      FROM
        (
          SELECT
            start,
            row_number() OVER (
              ORDER BY
                start
            ) AS n
          FROM
            bucket
        ) numbered
        LEFT JOIN (
          SELECT
            width_bucket(
              finished_at,
              (
                SELECT
                  array_agg(
                    start
                    ORDER BY
                      start
                  )
                FROM
                  bucket
              )
            ) AS n,
            count(*) AS count
          FROM
            counted
          WHERE
            succeeded
          GROUP BY
            1
        ) successes USING (n)
    ),
    'leadTime',
    (
      SELECT
        json_build_object(
          'median',
          percentile_cont(0.5) WITHIN GROUP (
            ORDER BY
              ms
          ),
          'p95',
          percentile_cont(0.95) WITHIN GROUP (
            ORDER BY
              ms
          ),
          'n',
          count(ms)
        )
      FROM
        counted,
        unnest(commit_lead_ms) AS ms
    ),
    'recovery',
    (
      SELECT
        json_build_object(
          'median',
          percentile_cont(0.5) WITHIN GROUP (
            ORDER BY
              ms
          ),
          'p95',
          percentile_cont(0.95) WITHIN GROUP (
            ORDER BY
              ms
          ),
          'n',
          count(ms)
        )
      FROM
        recovery
    ),
    'duration',
    json_build_object(
      'median',
      percentile_cont(0.5) WITHIN GROUP (
        ORDER BY
          duration_ms
      ),
      'p95',
      percentile_cont(0.95) WITHIN GROUP (
        ORDER BY
          duration_ms
      ),
      'n',
      count(duration_ms)
    ),
    'promotionLead',
    json_build_object(
      'median',
      percentile_cont(0.5) WITHIN GROUP (
        ORDER BY
          promotion_lead_ms
      ),
      'p95',
      percentile_cont(0.95) WITHIN GROUP (
        ORDER BY
          promotion_lead_ms
      ),
      'n',
      count(promotion_lead_ms)
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
  counted m

-- of an application
WITH
  counted AS MATERIALIZED (
    SELECT
      *
    FROM
      (
        WITH
          requested AS MATERIALIZED (
            SELECT
              ARRAY[
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
                )
              ] AS names,
              (
                SELECT
                  name
                FROM
                  environments ($tenant)
                ORDER BY
                  rank
                LIMIT
                  1
              ) AS origin
          ),
          slot AS MATERIALIZED (
            SELECT
              h.application,
              h.environment_name,
              h.deployment_id,
              h.image_tag,
              h.status,
              h.succeeded,
              h.deployed_at,
              h.completed_at,
              h.finished_at,
              h.log_order,
              h.rollback_of,
              h.unplanned
            FROM
              (
                SELECT
                  h.tenant,
                  h.deployment_id,
                  h.application,
                  h.environment,
                  h.image_tag,
                  h.image,
                  h.git_commit,
                  h.git_branch,
                  CASE
                    WHEN NOT h.finished_at <= $asOf::timestamptz THEN 'PENDING'
                    WHEN NOT coalesce(h.rolled_back_at > $asOf::timestamptz, false) THEN h.status
                    WHEN h.succeeded THEN 'DEPLOYED'
                    ELSE (
                      SELECT
                        coalesce(
                          e.data ->> 'status',
                          (
                            SELECT
                              c ->> 'after'
                            FROM
                              json_array_elements(e.data -> 'corrections') c
                            WHERE
                              c ->> 'field' = 'status'
                          )
                        )
                      FROM
                        deployment_event e
                      WHERE
                        e.tenant = h.tenant
                        AND e.deployment_id = h.deployment_id
                        AND e.version <= h.version
                        AND (
                          e.data ->> 'status' IS NOT NULL
                          OR EXISTS (
                            SELECT
                              c ->> 'after'
                            FROM
                              json_array_elements(e.data -> 'corrections') c
                            WHERE
                              c ->> 'field' = 'status'
                          )
                        )
                      ORDER BY
                        e.version DESC
                      LIMIT
                        1
                    )
                  END AS status,
                  h.deployed_at,
                  CASE
                    WHEN h.finished_at <= $asOf::timestamptz THEN h.completed_at
                  END AS completed_at,
                  CASE
                    WHEN h.finished_at <= $asOf::timestamptz
                    AND NOT coalesce(h.rolled_back_at > $asOf::timestamptz, false) THEN h.rolled_back_at
                  END AS rolled_back_at,
                  CASE
                    WHEN h.finished_at <= $asOf::timestamptz
                    AND NOT coalesce(h.rolled_back_at > $asOf::timestamptz, false) THEN h.rollback_reason
                  END AS rollback_reason,
                  h.rollback_of,
                  CASE
                    WHEN h.removed_at <= $asOf::timestamptz THEN h.removed_at
                  END AS removed_at,
                  CASE
                    WHEN h.finished_at <= $asOf::timestamptz THEN h.failure_reason
                  END AS failure_reason,
                  h.actor,
                  h.pipeline,
                  h.commits,
                  h.notes,
                  h.migrations,
                  h.unplanned,
                  h.labels,
                  h.during_freeze,
                  h.environment_name,
                  h.succeeded
                  AND h.finished_at <= $asOf::timestamptz AS succeeded,
                  CASE
                    WHEN h.finished_at <= $asOf::timestamptz THEN h.finished_at
                    ELSE h.deployed_at
                  END AS finished_at,
                  h.correlation_id,
                  h.recorded_at,
                  h.partition,
                  h.recorded_seq,
                  h.log_order,
                  h.last_seq,
                  h.version,
                  h.recorded_bytes,
                  h.known_from,
                  h.finished_at AS reported_finish
                FROM
                  deployment_history h
                WHERE
                  true
                  AND h.deployed_at <= $asOf::timestamptz
              ) h
            WHERE
              h.tenant = $tenant
              AND h.environment_name = ANY (
                (
                  SELECT
                    names
                  FROM
                    requested
                )::text[]
              )
              AND h.status <> 'PENDING'
              AND h.application = $application
          ),
          named AS (
            SELECT
              application,
              environment_name,
              rollback_of AS deployment_id,
              array_agg(
                deployment_id
                ORDER BY
                  deployed_at,
                  log_order
              ) AS named_by
            FROM
              slot
            WHERE
              succeeded
              AND rollback_of <> deployment_id
            GROUP BY
              application,
              environment_name,
              rollback_of
          ),
          started AS (
            SELECT
              slot.*,
              row_number() OVER (
                PARTITION BY
                  application,
                  environment_name,
                  succeeded
                ORDER BY
                  deployed_at,
                  log_order
              ) AS n
            FROM
              slot
          ),
          tagged AS (
            SELECT
              started.*,
              min(n) OVER (
                PARTITION BY
                  application,
                  environment_name,
                  succeeded,
                  image_tag
              ) AS first_of_tag,
              row_number() OVER (
                PARTITION BY
                  application,
                  succeeded,
                  image_tag
                ORDER BY
                  finished_at,
                  log_order
              ) = 1 AS arrives
            FROM
              started
          ),
          replaced AS (
            SELECT
              tagged.*,
              CASE
                WHEN succeeded
                AND lead(rollback_of) OVER next IS NULL
                AND lead(first_of_tag) OVER next < first_of_tag THEN lead(deployment_id) OVER next
              END AS undone_by
            FROM
              tagged
            WINDOW
              next AS (
                PARTITION BY
                  application,
                  environment_name,
                  succeeded
                ORDER BY
                  n
              )
          ),
          finished AS (
            SELECT
              replaced.*,
              min(finished_at) FILTER (
                WHERE
                  succeeded
              ) OVER later AS next_success
            FROM
              replaced
            WINDOW
              later AS (
                PARTITION BY
                  application,
                  environment_name
                ORDER BY
                  finished_at DESC,
                  log_order DESC ROWS BETWEEN UNBOUNDED PRECEDING
                  AND 1 PRECEDING
              )
          ),
          incident_summary AS MATERIALIZED (
            SELECT
              i.deployment_id,
              min(i.started_at) AS incident_at,
              bool_or(i.resolved_at IS NULL) AS is_open,
              max(i.resolved_at) AS resolved_at
            FROM
              (
                SELECT
                  i.tenant,
                  i.incident_id,
                  i.started_at,
                  i.title,
                  i.url,
                  i.recorded_at,
                  i.partition,
                  i.log_order,
                  CASE
                    WHEN true
                    AND i.resolved_at <= $asOf::timestamptz THEN i.resolved_at
                  END AS resolved_at,
                  CASE
                    WHEN true THEN i.last_seq
                    ELSE i.recorded_seq
                  END AS last_seq,
                  CASE
                    WHEN true THEN i.version
                    ELSE 1
                  END AS version,
                  i.application,
                  i.environment,
                  i.environment_name,
                  (
                    SELECT
                      h.deployment_id
                    FROM
                      (
                        -- planner: OFFSET 0 keeps the time out of the choice of the index.
                        SELECT
                          h.*
                        FROM
                          deployment_history h
                        WHERE
                          h.tenant = i.tenant
                          AND h.deployment_id = i.deployment_id
                        OFFSET
                          0
                      ) h
                    WHERE
                      h.deployed_at <= $asOf::timestamptz
                  ) AS deployment_id
                FROM
                  incident i
                WHERE
                  i.tenant = $tenant
                  AND i.environment_name = ANY (
                    (
                      SELECT
                        names
                      FROM
                        requested
                    )::text[]
                  )
                  AND i.application = $application
                  AND i.started_at <= $asOf::timestamptz
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
              i.deployment_id IS NOT NULL
            GROUP BY
              i.deployment_id
          ),
          point AS (
            SELECT
              application,
              environment_name,
              NULL::uuid AS deployment_id,
              finished_at,
              log_order,
              true AS succeeded
            FROM
              slot
            WHERE
              succeeded
              AND EXISTS (
                SELECT
                FROM
                  incident_summary
                WHERE
                  is_open
              )
            UNION ALL
            SELECT
              application,
              environment_name,
              deployment_id,
              greatest(finished_at, i.incident_at),
              CASE
                WHEN finished_at > i.incident_at THEN log_order
                ELSE 9223372036854775807
              END,
              false
            FROM
              incident_summary i
              JOIN slot USING (deployment_id)
            WHERE
              i.is_open
          ),
          awaited AS (
            -- The deployment itself is not after its incident.
            SELECT
              *,
              min(finished_at) FILTER (
                WHERE
                  succeeded
              ) OVER later AS next_success
            FROM
              point
            WINDOW
              later AS (
                PARTITION BY
                  application,
                  environment_name
                ORDER BY
                  finished_at DESC,
                  log_order DESC,
                  succeeded ROWS BETWEEN UNBOUNDED PRECEDING
                  AND 1 PRECEDING
              )
          ),
          with_incident AS (
            SELECT
              i.deployment_id,
              i.incident_at,
              i.is_open,
              CASE
                WHEN i.is_open THEN awaited.next_success
                ELSE i.resolved_at
              END AS recovered_at
            FROM
              incident_summary i
              LEFT JOIN awaited USING (deployment_id)
          ),
          origin AS (
            SELECT DISTINCT
              ON (h.application, h.image_tag) h.application,
              h.image_tag,
              h.deployment_id AS origin_id,
              h.finished_at AS at
            FROM
              (
                SELECT
                  h.application,
                  h.image_tag,
                  h.deployment_id,
                  h.finished_at,
                  h.log_order
                FROM
                  (
                    SELECT
                      h.tenant,
                      h.deployment_id,
                      h.application,
                      h.environment,
                      h.image_tag,
                      h.image,
                      h.git_commit,
                      h.git_branch,
                      CASE
                        WHEN NOT h.finished_at <= $asOf::timestamptz THEN 'PENDING'
                        WHEN NOT coalesce(h.rolled_back_at > $asOf::timestamptz, false) THEN h.status
                        WHEN h.succeeded THEN 'DEPLOYED'
                        ELSE (
                          SELECT
                            coalesce(
                              e.data ->> 'status',
                              (
                                SELECT
                                  c ->> 'after'
                                FROM
                                  json_array_elements(e.data -> 'corrections') c
                                WHERE
                                  c ->> 'field' = 'status'
                              )
                            )
                          FROM
                            deployment_event e
                          WHERE
                            e.tenant = h.tenant
                            AND e.deployment_id = h.deployment_id
                            AND e.version <= h.version
                            AND (
                              e.data ->> 'status' IS NOT NULL
                              OR EXISTS (
                                SELECT
                                  c ->> 'after'
                                FROM
                                  json_array_elements(e.data -> 'corrections') c
                                WHERE
                                  c ->> 'field' = 'status'
                              )
                            )
                          ORDER BY
                            e.version DESC
                          LIMIT
                            1
                        )
                      END AS status,
                      h.deployed_at,
                      CASE
                        WHEN h.finished_at <= $asOf::timestamptz THEN h.completed_at
                      END AS completed_at,
                      CASE
                        WHEN h.finished_at <= $asOf::timestamptz
                        AND NOT coalesce(h.rolled_back_at > $asOf::timestamptz, false) THEN h.rolled_back_at
                      END AS rolled_back_at,
                      CASE
                        WHEN h.finished_at <= $asOf::timestamptz
                        AND NOT coalesce(h.rolled_back_at > $asOf::timestamptz, false) THEN h.rollback_reason
                      END AS rollback_reason,
                      h.rollback_of,
                      CASE
                        WHEN h.removed_at <= $asOf::timestamptz THEN h.removed_at
                      END AS removed_at,
                      CASE
                        WHEN h.finished_at <= $asOf::timestamptz THEN h.failure_reason
                      END AS failure_reason,
                      h.actor,
                      h.pipeline,
                      h.commits,
                      h.notes,
                      h.migrations,
                      h.unplanned,
                      h.labels,
                      h.during_freeze,
                      h.environment_name,
                      h.succeeded
                      AND h.finished_at <= $asOf::timestamptz AS succeeded,
                      CASE
                        WHEN h.finished_at <= $asOf::timestamptz THEN h.finished_at
                        ELSE h.deployed_at
                      END AS finished_at,
                      h.correlation_id,
                      h.recorded_at,
                      h.partition,
                      h.recorded_seq,
                      h.log_order,
                      h.last_seq,
                      h.version,
                      h.recorded_bytes,
                      h.known_from,
                      h.finished_at AS reported_finish
                    FROM
                      deployment_history h
                    WHERE
                      true
                      AND h.deployed_at <= $asOf::timestamptz
                  ) h
                WHERE
                  h.tenant = $tenant
                  AND h.environment_name = (
                    SELECT
                      origin
                    FROM
                      requested
                  )
                  AND h.succeeded
                  AND h.application = $application
              ) h
            ORDER BY
              h.application,
              h.image_tag,
              h.finished_at,
              h.log_order
          ),
          arrival AS (
            SELECT DISTINCT
              ON (h.application, c.sha) h.deployment_id,
              c.sha,
              c.committed_at,
              (
                extract(
                  epoch
                  FROM
                    h.finished_at - c.committed_at
                ) * 1000
              )::bigint AS lead_ms
            FROM
              (
                SELECT
                  h.application,
                  h.deployment_id,
                  h.finished_at,
                  h.log_order,
                  h.git_commit,
                  h.commits
                FROM
                  (
                    SELECT
                      h.tenant,
                      h.deployment_id,
                      h.application,
                      h.environment,
                      h.image_tag,
                      h.image,
                      h.git_commit,
                      h.git_branch,
                      CASE
                        WHEN NOT h.finished_at <= $asOf::timestamptz THEN 'PENDING'
                        WHEN NOT coalesce(h.rolled_back_at > $asOf::timestamptz, false) THEN h.status
                        WHEN h.succeeded THEN 'DEPLOYED'
                        ELSE (
                          SELECT
                            coalesce(
                              e.data ->> 'status',
                              (
                                SELECT
                                  c ->> 'after'
                                FROM
                                  json_array_elements(e.data -> 'corrections') c
                                WHERE
                                  c ->> 'field' = 'status'
                              )
                            )
                          FROM
                            deployment_event e
                          WHERE
                            e.tenant = h.tenant
                            AND e.deployment_id = h.deployment_id
                            AND e.version <= h.version
                            AND (
                              e.data ->> 'status' IS NOT NULL
                              OR EXISTS (
                                SELECT
                                  c ->> 'after'
                                FROM
                                  json_array_elements(e.data -> 'corrections') c
                                WHERE
                                  c ->> 'field' = 'status'
                              )
                            )
                          ORDER BY
                            e.version DESC
                          LIMIT
                            1
                        )
                      END AS status,
                      h.deployed_at,
                      CASE
                        WHEN h.finished_at <= $asOf::timestamptz THEN h.completed_at
                      END AS completed_at,
                      CASE
                        WHEN h.finished_at <= $asOf::timestamptz
                        AND NOT coalesce(h.rolled_back_at > $asOf::timestamptz, false) THEN h.rolled_back_at
                      END AS rolled_back_at,
                      CASE
                        WHEN h.finished_at <= $asOf::timestamptz
                        AND NOT coalesce(h.rolled_back_at > $asOf::timestamptz, false) THEN h.rollback_reason
                      END AS rollback_reason,
                      h.rollback_of,
                      CASE
                        WHEN h.removed_at <= $asOf::timestamptz THEN h.removed_at
                      END AS removed_at,
                      CASE
                        WHEN h.finished_at <= $asOf::timestamptz THEN h.failure_reason
                      END AS failure_reason,
                      h.actor,
                      h.pipeline,
                      h.commits,
                      h.notes,
                      h.migrations,
                      h.unplanned,
                      h.labels,
                      h.during_freeze,
                      h.environment_name,
                      h.succeeded
                      AND h.finished_at <= $asOf::timestamptz AS succeeded,
                      CASE
                        WHEN h.finished_at <= $asOf::timestamptz THEN h.finished_at
                        ELSE h.deployed_at
                      END AS finished_at,
                      h.correlation_id,
                      h.recorded_at,
                      h.partition,
                      h.recorded_seq,
                      h.log_order,
                      h.last_seq,
                      h.version,
                      h.recorded_bytes,
                      h.known_from,
                      h.finished_at AS reported_finish
                    FROM
                      deployment_history h
                    WHERE
                      true
                      AND h.deployed_at <= $asOf::timestamptz
                  ) h
                WHERE
                  h.tenant = $tenant
                  AND h.environment_name = ANY (
                    (
                      SELECT
                        names
                      FROM
                        requested
                    )::text[]
                  )
                  AND h.succeeded
                  AND (
                    h.commits IS NOT NULL
                    OR h.git_commit IS NOT NULL
                  )
                  AND h.application = $application
              ) h
              CROSS JOIN LATERAL (
                SELECT
                  (value ->> 'sha') COLLATE "C" AS sha,
                  (value ->> 'committedAt')::timestamptz(3) AS committed_at,
                  ordinality AS mention
                FROM
                  json_array_elements(h.commits) WITH ORDINALITY
                UNION ALL
                SELECT
                  h.git_commit,
                  NULL,
                  NULL
                WHERE
                  h.git_commit IS NOT NULL
              ) c
            ORDER BY
              h.application,
              c.sha,
              h.finished_at,
              h.log_order,
              c.mention NULLS LAST
          ),
          arrived AS (
            SELECT
              deployment_id,
              array_agg(
                lead_ms
                ORDER BY
                  sha
              ) AS commit_lead_ms,
              array_agg(
                sha
                ORDER BY
                  sha
              ) AS shas,
              array_agg(
                committed_at
                ORDER BY
                  sha
              ) AS committed
            FROM
              arrival
            WHERE
              committed_at IS NOT NULL
            GROUP BY
              deployment_id
          ),
          counted AS MATERIALIZED (
            -- planner: before the window is applied, so that its estimate does not make these joins nested loops.
            SELECT
              finished.*,
              named.named_by,
              incident.incident_at,
              incident.is_open,
              incident.recovered_at AS incident_recovered_at,
              CASE
                WHEN status = 'CANCELLED' THEN NULL
                WHEN status = 'FAILED' THEN 'failed'
                WHEN status = 'ROLLED_BACK'
                OR named_by IS NOT NULL THEN 'reported'
                WHEN undone_by IS NOT NULL THEN 'inferred'
                WHEN succeeded
                AND incident.incident_at IS NOT NULL THEN 'incident'
              END AS failure_kind
            FROM
              finished
              LEFT JOIN named USING (application, environment_name, deployment_id)
              LEFT JOIN with_incident incident USING (deployment_id)
          )
        SELECT
          application,
          environment_name,
          deployment_id,
          image_tag,
          finished_at,
          log_order,
          succeeded,
          status = 'CANCELLED' AS cancelled,
          failure_kind,
          coalesce(
            unplanned
            AND status <> 'CANCELLED',
            false
          ) AS unplanned,
          CASE
            WHEN succeeded THEN (
              extract(
                epoch
                FROM
                  completed_at - deployed_at
              ) * 1000
            )::bigint
          END AS duration_ms,
          CASE
            WHEN failure_kind = 'incident' THEN incident_recovered_at
            WHEN failure_kind IS NOT NULL THEN next_success
          END AS recovered_at,
          CASE
            WHEN failure_kind IN ('inferred', 'incident') THEN incident_at
          END AS incident_at,
          CASE
            WHEN failure_kind IN ('inferred', 'incident') THEN incident_recovered_at
          END AS incident_recovered_at,
          CASE
            WHEN failure_kind IN ('inferred', 'incident') THEN is_open
          END AS incident_open,
          CASE
            WHEN succeeded
            AND arrives
            AND origin.at <= finished_at THEN (
              extract(
                epoch
                FROM
                  finished_at - origin.at
              ) * 1000
            )::bigint
          END AS promotion_lead_ms,
          coalesce(commit_lead_ms, '{}') AS commit_lead_ms,
          named_by,
          undone_by,
          origin_id,
          shas,
          committed
        FROM
          (
            SELECT
              *
            FROM
              counted
            WHERE
              finished_at >= $from::timestamptz
              AND finished_at < $to::timestamptz
          ) counted
          LEFT JOIN origin USING (application, image_tag)
          LEFT JOIN arrived USING (deployment_id)
      ) m
  ),
  bucket AS MATERIALIZED (
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
  ),
  recovery AS (
    SELECT
      (
        extract(
          epoch
          FROM
            m.recovered_at - CASE
              WHEN m.failure_kind = 'incident' THEN m.incident_at
              ELSE m.finished_at
            END
        ) * 1000
      )::bigint AS ms
    FROM
      counted m
    WHERE
      m.failure_kind IS NOT NULL
  )
SELECT
  json_build_object(
    'environment',
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
    ),
    'deployments',
    count(*) FILTER (
      WHERE
        NOT cancelled
    ),
    'cancelled',
    count(*) FILTER (
      WHERE
        cancelled
    ),
    'successes',
    count(*) FILTER (
      WHERE
        succeeded
    ),
    'failed',
    count(*) FILTER (
      WHERE
        m.failure_kind = 'failed'
    ),
    'reported',
    count(*) FILTER (
      WHERE
        m.failure_kind = 'reported'
    ),
    'inferred',
    count(*) FILTER (
      WHERE
        m.failure_kind = 'inferred'
    ),
    'incidents',
    count(*) FILTER (
      WHERE
        m.failure_kind = 'incident'
    ),
    'unattributed',
    (
      SELECT
        count(*)
      FROM
        (
          SELECT
            i.tenant,
            i.incident_id,
            i.started_at,
            i.title,
            i.url,
            i.recorded_at,
            i.partition,
            i.log_order,
            CASE
              WHEN true
              AND i.resolved_at <= $asOf::timestamptz THEN i.resolved_at
            END AS resolved_at,
            CASE
              WHEN true THEN i.last_seq
              ELSE i.recorded_seq
            END AS last_seq,
            CASE
              WHEN true THEN i.version
              ELSE 1
            END AS version,
            i.application,
            i.environment,
            i.environment_name,
            (
              SELECT
                h.deployment_id
              FROM
                (
                  -- planner: OFFSET 0 keeps the time out of the choice of the index.
                  SELECT
                    h.*
                  FROM
                    deployment_history h
                  WHERE
                    h.tenant = i.tenant
                    AND h.deployment_id = i.deployment_id
                  OFFSET
                    0
                ) h
              WHERE
                h.deployed_at <= $asOf::timestamptz
            ) AS deployment_id
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
            AND i.application = $application
            AND i.started_at >= $from::timestamptz
            AND i.started_at < $to::timestamptz
            AND i.started_at <= $asOf::timestamptz
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
    count(*) FILTER (
      WHERE
        unplanned
    ),
    'recovered',
    (
      SELECT
        count(ms)
      FROM
        recovery
    ),
    'open',
    (
      SELECT
        count(*)
      FROM
        recovery
      WHERE
        ms IS NULL
    ),
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
          json_build_object('start', instant (start), 'count', coalesce(count, 0))
          ORDER BY
            start
        )
      FROM
        (
          SELECT
            start,
            row_number() OVER (
              ORDER BY
                start
            ) AS n
          FROM
            bucket
        ) numbered
        LEFT JOIN (
          SELECT
            width_bucket(
              finished_at,
              (
                SELECT
                  array_agg(
                    start
                    ORDER BY
                      start
                  )
                FROM
                  bucket
              )
            ) AS n,
            count(*) AS count
          FROM
            counted
          WHERE
            succeeded
          GROUP BY
            1
        ) successes USING (n)
    ),
    'leadTime',
    (
      SELECT
        json_build_object(
          'median',
          percentile_cont(0.5) WITHIN GROUP (
            ORDER BY
              ms
          ),
          'p95',
          percentile_cont(0.95) WITHIN GROUP (
            ORDER BY
              ms
          ),
          'n',
          count(ms)
        )
      FROM
        counted,
        unnest(commit_lead_ms) AS ms
    ),
    'recovery',
    (
      SELECT
        json_build_object(
          'median',
          percentile_cont(0.5) WITHIN GROUP (
            ORDER BY
              ms
          ),
          'p95',
          percentile_cont(0.95) WITHIN GROUP (
            ORDER BY
              ms
          ),
          'n',
          count(ms)
        )
      FROM
        recovery
    ),
    'duration',
    json_build_object(
      'median',
      percentile_cont(0.5) WITHIN GROUP (
        ORDER BY
          duration_ms
      ),
      'p95',
      percentile_cont(0.95) WITHIN GROUP (
        ORDER BY
          duration_ms
      ),
      'n',
      count(duration_ms)
    ),
    'promotionLead',
    json_build_object(
      'median',
      percentile_cont(0.5) WITHIN GROUP (
        ORDER BY
          promotion_lead_ms
      ),
      'p95',
      percentile_cont(0.95) WITHIN GROUP (
        ORDER BY
          promotion_lead_ms
      ),
      'n',
      count(promotion_lead_ms)
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
  counted m
