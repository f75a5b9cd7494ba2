-- infer rollbacks

WITH
  touched AS (
    SELECT
      *
    FROM
      unnest(
        $touched_tenant::text[],
        $touched_application::text[],
        $touched_environment_name::text[],
        $touched_deployed_at::timestamptz[],
        $touched_log_order::bigint[],
        $touched_last_at::timestamptz[],
        $touched_last_log_order::bigint[],
        $touched_next_at::timestamptz[],
        $touched_next_log_order::bigint[]
      ) AS touched (
        tenant,
        application,
        environment_name,
        deployed_at,
        log_order,
        last_at,
        last_log_order,
        next_at,
        next_log_order
      )
    UNION ALL
    SELECT
      h.tenant,
      h.application,
      h.environment_name,
      h.deployed_at,
      h.log_order,
      '-infinity',
      0,
      'infinity',
      0
    FROM
      unnest($tag_tenant::text[], $tag_application::text[], $tag_environment_name::text[], $tag_image_tag::text[]) AS tag (tenant, application, environment_name, image_tag)
      CROSS JOIN LATERAL (
        SELECT
          h.*
        FROM
          deployment_history h
        WHERE
          (h.tenant, h.image_tag, h.application, h.environment_name, h.succeeded) >= (tag.tenant, tag.image_tag, tag.application, tag.environment_name, true)
          AND (h.tenant, h.image_tag, h.application, h.environment_name, h.succeeded) <= (tag.tenant, tag.image_tag, tag.application, tag.environment_name, true)
          AND h.succeeded
          AND true
        ORDER BY
          h.tenant,
          h.image_tag,
          h.application,
          h.environment_name,
          h.succeeded,
          h.deployed_at,
          h.log_order
        OFFSET
          0
      ) h
  ),
  affected AS MATERIALIZED (
    SELECT DISTINCT
      ON (at_or_after.log_order) at_or_after.*,
      touched.last_at,
      touched.last_log_order
    FROM
      touched
      CROSS JOIN LATERAL (
        SELECT
          *
        FROM
          (
            (
              SELECT
                h.tenant,
                h.application,
                h.environment_name,
                h.image_tag,
                h.deployed_at,
                h.log_order,
                h.deployment_id,
                h.rollback_of,
                h.inferred_rollback_of,
                h.ctid
              FROM
                deployment_history h
              WHERE
                (h.tenant, h.application, h.environment_name, h.status, h.deployed_at, h.log_order) >= (
                  touched.tenant,
                  touched.application,
                  touched.environment_name,
                  'DEPLOYED',
                  touched.deployed_at,
                  touched.log_order
                )
                AND (h.tenant, h.application, h.environment_name, h.status, h.deployed_at, h.log_order) < (
                  touched.tenant,
                  touched.application,
                  touched.environment_name,
                  'DEPLOYED',
                  touched.next_at,
                  touched.next_log_order
                )
                AND h.succeeded
              ORDER BY
                h.tenant,
                h.application,
                h.environment_name,
                h.status,
                h.deployed_at,
                h.log_order
              LIMIT
                2
            )
            UNION ALL
            (
              SELECT
                h.tenant,
                h.application,
                h.environment_name,
                h.image_tag,
                h.deployed_at,
                h.log_order,
                h.deployment_id,
                h.rollback_of,
                h.inferred_rollback_of,
                h.ctid
              FROM
                deployment_history h
              WHERE
                (h.tenant, h.application, h.environment_name, h.status, h.deployed_at, h.log_order) >= (
                  touched.tenant,
                  touched.application,
                  touched.environment_name,
                  'ROLLED_BACK',
                  touched.deployed_at,
                  touched.log_order
                )
                AND (h.tenant, h.application, h.environment_name, h.status, h.deployed_at, h.log_order) < (
                  touched.tenant,
                  touched.application,
                  touched.environment_name,
                  'ROLLED_BACK',
                  touched.next_at,
                  touched.next_log_order
                )
                AND h.succeeded
              ORDER BY
                h.tenant,
                h.application,
                h.environment_name,
                h.status,
                h.deployed_at,
                h.log_order
              LIMIT
                2
            )
          ) outcome
        ORDER BY
          deployed_at,
          log_order
        LIMIT
          2
      ) at_or_after
  ),
  evaluated AS MATERIALIZED (
    SELECT
      affected.ctid,
      affected.inferred_rollback_of AS before,
      CASE
        WHEN affected.rollback_of IS NULL
        AND (own_first.deployed_at, own_first.log_order) < (replaced_first.deployed_at, replaced_first.log_order) THEN replaced.deployment_id
      END AS now
    FROM
      affected
      LEFT JOIN LATERAL (
        SELECT
          *
        FROM
          (
            (
              SELECT
                h.tenant,
                h.application,
                h.environment_name,
                h.image_tag,
                h.deployed_at,
                h.log_order,
                h.deployment_id
              FROM
                deployment_history h
              WHERE
                (h.tenant, h.application, h.environment_name, h.status, h.deployed_at, h.log_order) < (
                  affected.tenant,
                  affected.application,
                  affected.environment_name,
                  'DEPLOYED',
                  affected.deployed_at,
                  affected.log_order
                )
                AND (h.tenant, h.application, h.environment_name, h.status, h.deployed_at, h.log_order) >= (
                  affected.tenant,
                  affected.application,
                  affected.environment_name,
                  'DEPLOYED',
                  affected.last_at,
                  affected.last_log_order
                )
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
            )
            UNION ALL
            (
              SELECT
                h.tenant,
                h.application,
                h.environment_name,
                h.image_tag,
                h.deployed_at,
                h.log_order,
                h.deployment_id
              FROM
                deployment_history h
              WHERE
                (h.tenant, h.application, h.environment_name, h.status, h.deployed_at, h.log_order) < (
                  affected.tenant,
                  affected.application,
                  affected.environment_name,
                  'ROLLED_BACK',
                  affected.deployed_at,
                  affected.log_order
                )
                AND (h.tenant, h.application, h.environment_name, h.status, h.deployed_at, h.log_order) >= (
                  affected.tenant,
                  affected.application,
                  affected.environment_name,
                  'ROLLED_BACK',
                  affected.last_at,
                  affected.last_log_order
                )
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
            )
          ) outcome
        ORDER BY
          deployed_at DESC,
          log_order DESC
        LIMIT
          1
      ) replaced ON true
      LEFT JOIN LATERAL (
        SELECT
          h.deployed_at,
          h.log_order
        FROM
          deployment_history h
        WHERE
          affected.image_tag <> replaced.image_tag
          AND (h.tenant, h.image_tag, h.application, h.environment_name, h.succeeded) >= (affected.tenant, affected.image_tag, affected.application, affected.environment_name, true)
          AND (h.tenant, h.image_tag, h.application, h.environment_name, h.succeeded) <= (affected.tenant, affected.image_tag, affected.application, affected.environment_name, true)
          AND h.succeeded
          AND true
        ORDER BY
          h.tenant,
          h.image_tag,
          h.application,
          h.environment_name,
          h.succeeded,
          h.deployed_at,
          h.log_order
        LIMIT
          1
      ) own_first ON true
      LEFT JOIN LATERAL (
        SELECT
          h.deployed_at,
          h.log_order
        FROM
          deployment_history h
        WHERE
          (h.tenant, h.image_tag, h.application, h.environment_name, h.succeeded) >= (replaced.tenant, replaced.image_tag, replaced.application, replaced.environment_name, true)
          AND (h.tenant, h.image_tag, h.application, h.environment_name, h.succeeded) <= (replaced.tenant, replaced.image_tag, replaced.application, replaced.environment_name, true)
          AND h.succeeded
          AND (own_first.deployed_at, own_first.log_order) < (replaced.deployed_at, replaced.log_order)
        ORDER BY
          h.tenant,
          h.image_tag,
          h.application,
          h.environment_name,
          h.succeeded,
          h.deployed_at,
          h.log_order
        LIMIT
          1
      ) replaced_first ON true
  ),
  changed AS (
    UPDATE deployment_history h
    SET
      inferred_rollback_of = evaluated.now
    FROM
      evaluated
    WHERE
      evaluated.now IS DISTINCT FROM evaluated.before
      AND h.ctid = evaluated.ctid
    RETURNING
      h.tenant,
      evaluated.before,
      evaluated.now
  )
SELECT
  changed.tenant,
  undone.id
FROM
  changed
  CROSS JOIN LATERAL (
    VALUES
      (before),
      (now)
  ) AS undone (id)
WHERE
  undone.id IS NOT NULL
