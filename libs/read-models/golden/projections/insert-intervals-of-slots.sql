-- insert intervals of slots

WITH RECURSIVE
  step AS (
    SELECT
      span.n::integer,
      span.tenant,
      span.application,
      span.environment_name,
      span.until_at,
      at.at,
      found.*
    FROM
      (
        SELECT
          *,
          '-infinity'::timestamptz AS from_at,
          'infinity'::timestamptz AS until_at
        FROM
          unnest($whole_tenant::text[], $whole_application::text[], $whole_environment_name::text[]) WITH ORDINALITY AS whole (tenant, application, environment_name, n)
      ) span
      CROSS JOIN LATERAL (
        SELECT
          span.tenant,
          span.application,
          span.environment_name,
          span.from_at AS at
      ) at
      CROSS JOIN LATERAL (
        SELECT
          coalesce(far.deployment_id, base.deployment_id, near.deployment_id) AS deployment_id,
          coalesce(far.image_tag, base.image_tag, near.image_tag) AS image_tag,
          coalesce(far.deployed_at, base.deployed_at, near.deployed_at) AS deployed_at,
          coalesce(far.log_order, base.log_order, near.log_order) AS log_order,
          coalesce(far.finished_at, base.finished_at, near.finished_at) AS finished_at,
          CASE
            WHEN far.deployment_id IS NOT NULL THEN far.rolled_back_at
            WHEN base.deployment_id IS NOT NULL THEN 'infinity'
            ELSE coalesce(near.rolled_back_at, 'infinity')
          END AS ends_at,
          CASE
            WHEN far.deployment_id IS NULL THEN base.removed_at
          END AS removed_at
        FROM
          (
            SELECT
          ) AS always
          LEFT JOIN LATERAL (
            SELECT
              latest.*
            FROM
              (
                SELECT
                  h.*
                FROM
                  deployment_history h
                WHERE
                  (h.tenant, h.application, h.environment_name, h.status, h.deployed_at) <= (at.tenant, at.application, at.environment_name, 'ROLLED_BACK', at.at)
                  AND (h.tenant, h.application, h.environment_name, h.status) >= (at.tenant, at.application, at.environment_name, 'ROLLED_BACK')
                  AND h.succeeded
                ORDER BY
                  h.tenant DESC,
                  h.application DESC,
                  h.environment_name DESC,
                  h.status DESC,
                  h.deployed_at DESC,
                  h.log_order DESC
                LIMIT
                  32
              ) latest
            WHERE
              latest.finished_at <= at.at
              AND latest.rolled_back_at > at.at
            ORDER BY
              latest.deployed_at DESC,
              latest.log_order DESC
            LIMIT
              1
          ) near ON true
          LEFT JOIN LATERAL (
            SELECT
              h.*
            FROM
              deployment_history h
            WHERE
              (h.tenant, h.application, h.environment_name, h.status, h.deployed_at) <= (at.tenant, at.application, at.environment_name, 'DEPLOYED', at.at)
              AND (h.tenant, h.application, h.environment_name, h.status, h.deployed_at, h.log_order) > (
                at.tenant,
                at.application,
                at.environment_name,
                'DEPLOYED',
                coalesce(near.deployed_at, '-infinity'),
                coalesce(near.log_order, 0)
              )
              AND h.succeeded
              AND h.finished_at <= at.at
            ORDER BY
              h.tenant DESC,
              h.application DESC,
              h.environment_name DESC,
              h.status DESC,
              h.deployed_at DESC,
              h.log_order DESC
            LIMIT
              1
          ) base ON true
          LEFT JOIN LATERAL (
            SELECT
              marked.*
            FROM
              (
                SELECT
                  h.*
                FROM
                  deployment_history h
                WHERE
                  (h.tenant, h.application, h.environment_name, h.rolled_back_at) > (at.tenant, at.application, at.environment_name, at.at)
                  AND (h.tenant, h.application, h.environment_name) <= (at.tenant, at.application, at.environment_name)
                  AND h.succeeded
                  AND h.rolled_back_at > h.finished_at
                ORDER BY
                  h.tenant,
                  h.application,
                  h.environment_name,
                  h.rolled_back_at
                OFFSET
                  0
              ) marked
            WHERE
              near.deployment_id IS NULL
              AND marked.status = 'ROLLED_BACK'
              AND marked.finished_at <= at.at
              AND (marked.deployed_at, marked.log_order) > (coalesce(base.deployed_at, '-infinity'), coalesce(base.log_order, 0))
              AND EXISTS (
                SELECT
                FROM
                  (
                    SELECT
                      h.deployed_at,
                      h.log_order
                    FROM
                      deployment_history h
                    WHERE
                      (h.tenant, h.application, h.environment_name, h.status, h.deployed_at) <= (at.tenant, at.application, at.environment_name, 'ROLLED_BACK', at.at)
                      AND (h.tenant, h.application, h.environment_name, h.status) >= (at.tenant, at.application, at.environment_name, 'ROLLED_BACK')
                      AND h.succeeded
                    ORDER BY
                      h.tenant DESC,
                      h.application DESC,
                      h.environment_name DESC,
                      h.status DESC,
                      h.deployed_at DESC,
                      h.log_order DESC
                    LIMIT
                      1
                    OFFSET
                      32
                  ) h
                WHERE
                  (h.deployed_at, h.log_order) > (coalesce(base.deployed_at, '-infinity'), coalesce(base.log_order, 0))
              )
            ORDER BY
              marked.deployed_at DESC,
              marked.log_order DESC
            LIMIT
              1
          ) far ON true
      ) found
    UNION ALL
    SELECT
      step.n,
      step.tenant,
      step.application,
      step.environment_name,
      step.until_at,
      at.at,
      found.*
    FROM
      step
      CROSS JOIN LATERAL (
        SELECT
          least(
            step.ends_at,
            (
              SELECT
                h.finished_at
              FROM
                deployment_history h
              WHERE
                (h.tenant, h.application, h.environment_name, h.finished_at) > (step.tenant, step.application, step.environment_name, step.at)
                AND (h.tenant, h.application, h.environment_name, h.finished_at) < (step.tenant, step.application, step.environment_name, step.until_at)
                AND h.succeeded
                AND (h.deployed_at, h.log_order) > (coalesce(step.deployed_at, '-infinity'), coalesce(step.log_order, 0))
                AND (
                  h.status = 'DEPLOYED'
                  OR h.rolled_back_at > h.finished_at
                )
              ORDER BY
                h.tenant,
                h.application,
                h.environment_name,
                h.finished_at,
                h.log_order
              LIMIT
                1
            )
          ) AS at
        OFFSET
          0
      ) next
      CROSS JOIN LATERAL (
        SELECT
          step.tenant,
          step.application,
          step.environment_name,
          next.at
        OFFSET
          0
      ) at
      CROSS JOIN LATERAL (
        SELECT
          coalesce(far.deployment_id, base.deployment_id, near.deployment_id) AS deployment_id,
          coalesce(far.image_tag, base.image_tag, near.image_tag) AS image_tag,
          coalesce(far.deployed_at, base.deployed_at, near.deployed_at) AS deployed_at,
          coalesce(far.log_order, base.log_order, near.log_order) AS log_order,
          coalesce(far.finished_at, base.finished_at, near.finished_at) AS finished_at,
          CASE
            WHEN far.deployment_id IS NOT NULL THEN far.rolled_back_at
            WHEN base.deployment_id IS NOT NULL THEN 'infinity'
            ELSE coalesce(near.rolled_back_at, 'infinity')
          END AS ends_at,
          CASE
            WHEN far.deployment_id IS NULL THEN base.removed_at
          END AS removed_at
        FROM
          (
            SELECT
          ) AS always
          LEFT JOIN LATERAL (
            SELECT
              latest.*
            FROM
              (
                SELECT
                  h.*
                FROM
                  deployment_history h
                WHERE
                  (h.tenant, h.application, h.environment_name, h.status, h.deployed_at) <= (at.tenant, at.application, at.environment_name, 'ROLLED_BACK', at.at)
                  AND (h.tenant, h.application, h.environment_name, h.status) >= (at.tenant, at.application, at.environment_name, 'ROLLED_BACK')
                  AND h.succeeded
                ORDER BY
                  h.tenant DESC,
                  h.application DESC,
                  h.environment_name DESC,
                  h.status DESC,
                  h.deployed_at DESC,
                  h.log_order DESC
                LIMIT
                  32
              ) latest
            WHERE
              latest.finished_at <= at.at
              AND latest.rolled_back_at > at.at
            ORDER BY
              latest.deployed_at DESC,
              latest.log_order DESC
            LIMIT
              1
          ) near ON true
          LEFT JOIN LATERAL (
            SELECT
              h.*
            FROM
              deployment_history h
            WHERE
              (h.tenant, h.application, h.environment_name, h.status, h.deployed_at) <= (at.tenant, at.application, at.environment_name, 'DEPLOYED', at.at)
              AND (h.tenant, h.application, h.environment_name, h.status, h.deployed_at, h.log_order) > (
                at.tenant,
                at.application,
                at.environment_name,
                'DEPLOYED',
                coalesce(near.deployed_at, '-infinity'),
                coalesce(near.log_order, 0)
              )
              AND h.succeeded
              AND h.finished_at <= at.at
            ORDER BY
              h.tenant DESC,
              h.application DESC,
              h.environment_name DESC,
              h.status DESC,
              h.deployed_at DESC,
              h.log_order DESC
            LIMIT
              1
          ) base ON true
          LEFT JOIN LATERAL (
            SELECT
              marked.*
            FROM
              (
                SELECT
                  h.*
                FROM
                  deployment_history h
                WHERE
                  (h.tenant, h.application, h.environment_name, h.rolled_back_at) > (at.tenant, at.application, at.environment_name, at.at)
                  AND (h.tenant, h.application, h.environment_name) <= (at.tenant, at.application, at.environment_name)
                  AND h.succeeded
                  AND h.rolled_back_at > h.finished_at
                ORDER BY
                  h.tenant,
                  h.application,
                  h.environment_name,
                  h.rolled_back_at
                OFFSET
                  0
              ) marked
            WHERE
              near.deployment_id IS NULL
              AND marked.status = 'ROLLED_BACK'
              AND marked.finished_at <= at.at
              AND (marked.deployed_at, marked.log_order) > (coalesce(base.deployed_at, '-infinity'), coalesce(base.log_order, 0))
              AND EXISTS (
                SELECT
                FROM
                  (
                    SELECT
                      h.deployed_at,
                      h.log_order
                    FROM
                      deployment_history h
                    WHERE
                      (h.tenant, h.application, h.environment_name, h.status, h.deployed_at) <= (at.tenant, at.application, at.environment_name, 'ROLLED_BACK', at.at)
                      AND (h.tenant, h.application, h.environment_name, h.status) >= (at.tenant, at.application, at.environment_name, 'ROLLED_BACK')
                      AND h.succeeded
                    ORDER BY
                      h.tenant DESC,
                      h.application DESC,
                      h.environment_name DESC,
                      h.status DESC,
                      h.deployed_at DESC,
                      h.log_order DESC
                    LIMIT
                      1
                    OFFSET
                      32
                  ) h
                WHERE
                  (h.deployed_at, h.log_order) > (coalesce(base.deployed_at, '-infinity'), coalesce(base.log_order, 0))
              )
            ORDER BY
              marked.deployed_at DESC,
              marked.log_order DESC
            LIMIT
              1
          ) far ON true
      ) found
    WHERE
      next.at < step.until_at
  ),
  change AS (
    SELECT
      *,
      lag(ends_at) OVER span AS end_before,
      lag(log_order) OVER span AS order_before,
      lag(image_tag) OVER span AS tag_before,
      lag(removed_at) OVER span AS removed_before,
      lead(at) OVER span AS next_at
    FROM
      step
    WINDOW
      span AS (
        PARTITION BY
          n
        ORDER BY
          at
      )
  )
INSERT INTO
  deployment_interval (
    tenant,
    application,
    environment_name,
    from_at,
    deployment_id,
    image_tag,
    deployed_at,
    log_order,
    by_rollback,
    new_tag,
    removed
  )
SELECT
  change.tenant,
  change.application,
  change.environment_name,
  at,
  deployment_id,
  image_tag,
  deployed_at,
  log_order,
  coalesce(end_before = at, false)
  AND NOT coalesce(
    (
      finished_at = at
      OR removed_at = at
    )
    AND log_order > order_before,
    false
  ),
  image_tag IS NOT NULL
  AND NOT coalesce(removed_at <= at, false)
  AND (
    image_tag IS DISTINCT FROM tag_before
    OR coalesce(removed_before < at, false)
  ),
  coalesce(removed_at <= at, false)
FROM
  change
WHERE
  at > '-infinity'
UNION ALL
SELECT
  change.tenant,
  change.application,
  change.environment_name,
  removed_at,
  deployment_id,
  image_tag,
  deployed_at,
  log_order,
  false,
  false,
  true
FROM
  change
WHERE
  removed_at > at
  AND removed_at < coalesce(next_at, 'infinity')
