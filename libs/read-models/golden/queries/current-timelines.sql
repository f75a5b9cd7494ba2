-- current timelines

WITH RECURSIVE
  known AS (
    SELECT
      min(a.application) AS application
    FROM
      deployment_interval a
    WHERE
      a.tenant = $tenant
    UNION ALL
    SELECT
      next.application
    FROM
      known
      CROSS JOIN LATERAL (
        SELECT
          min(a.application) AS application
        FROM
          deployment_interval a
        WHERE
          a.tenant = $tenant
          AND a.application > known.application
      ) next
    WHERE
      known.application IS NOT NULL
  )
SELECT
  known.application,
  json_build_array(slot_0.interval, slot_1.interval) AS intervals
FROM
  known
  LEFT JOIN LATERAL (
    SELECT
      CASE
        WHEN NOT s.removed THEN s.image_tag
      END AS image_tag,
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
      AND s.application = known.application
      AND s.environment_name = $environment0
    ORDER BY
      s.from_at DESC
    LIMIT
      1
  ) slot_0 ON true
  LEFT JOIN LATERAL (
    SELECT
      CASE
        WHEN NOT s.removed THEN s.image_tag
      END AS image_tag,
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
      AND s.application = known.application
      AND s.environment_name = $environment1
    ORDER BY
      s.from_at DESC
    LIMIT
      1
  ) slot_1 ON true
WHERE
  known.application IS NOT NULL
  AND coalesce(slot_0.image_tag, slot_1.image_tag) IS NOT NULL
  -- planner: applications are found in this order; an ORDER BY would find all of them first.
LIMIT
  $limit

-- all filters
WITH RECURSIVE
  known AS (
    SELECT
      min(a.application) AS application
    FROM
      deployment_interval a
    WHERE
      a.tenant = $tenant
      AND a.application = $application
      AND a.application > $after
    UNION ALL
    SELECT
      next.application
    FROM
      known
      CROSS JOIN LATERAL (
        SELECT
          min(a.application) AS application
        FROM
          deployment_interval a
        WHERE
          a.tenant = $tenant
          AND a.application = $application
          AND a.application > known.application
      ) next
    WHERE
      known.application IS NOT NULL
  )
SELECT
  known.application,
  json_build_array(slot_0.interval, slot_1.interval) AS intervals
FROM
  known
  LEFT JOIN LATERAL (
    SELECT
      CASE
        WHEN NOT s.removed THEN s.image_tag
      END AS image_tag,
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
      AND s.application = known.application
      AND s.environment_name = $environment0
      AND s.from_at <= $asOf::timestamptz
    ORDER BY
      s.from_at DESC
    LIMIT
      1
  ) slot_0 ON true
  LEFT JOIN LATERAL (
    SELECT
      CASE
        WHEN NOT s.removed THEN s.image_tag
      END AS image_tag,
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
      AND s.application = known.application
      AND s.environment_name = $environment1
      AND s.from_at <= $asOf::timestamptz
    ORDER BY
      s.from_at DESC
    LIMIT
      1
  ) slot_1 ON true
WHERE
  known.application IS NOT NULL
  AND coalesce(slot_0.image_tag, slot_1.image_tag) IS NOT NULL
  AND (
    false
    OR slot_1.image_tag IS DISTINCT FROM slot_0.image_tag
  )
  -- planner: applications are found in this order; an ORDER BY would find all of them first.
LIMIT
  $limit

-- of several applications, by label
WITH RECURSIVE
  known AS (
    SELECT
      a.application
    FROM
      unnest($applications::text[]) WITH ORDINALITY AS wanted (application, n)
      CROSS JOIN LATERAL (
        SELECT
          wanted.application COLLATE "C" AS application
      ) a
    WHERE
      EXISTS (
        SELECT
        FROM
          deployment_interval known
        WHERE
          known.tenant = $tenant
          AND known.application = a.application
      )
      AND a.application > $after
    ORDER BY
      n
  )
SELECT
  known.application,
  json_build_array(slot_0.interval, slot_1.interval) AS intervals
FROM
  known
  LEFT JOIN LATERAL (
    SELECT
      CASE
        WHEN NOT s.removed THEN s.image_tag
      END AS image_tag,
      CASE
        WHEN NOT s.removed THEN s.deployment_id
      END AS deployment_id,
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
      AND s.application = known.application
      AND s.environment_name = $environment0
    ORDER BY
      s.from_at DESC
    LIMIT
      1
  ) slot_0 ON true
  LEFT JOIN LATERAL (
    SELECT
      CASE
        WHEN NOT s.removed THEN s.image_tag
      END AS image_tag,
      CASE
        WHEN NOT s.removed THEN s.deployment_id
      END AS deployment_id,
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
      AND s.application = known.application
      AND s.environment_name = $environment1
    ORDER BY
      s.from_at DESC
    LIMIT
      1
  ) slot_1 ON true
WHERE
  known.application IS NOT NULL
  AND coalesce(slot_0.image_tag, slot_1.image_tag) IS NOT NULL
  AND (
    false
    OR slot_1.image_tag IS DISTINCT FROM slot_0.image_tag
  )
  AND EXISTS (
    SELECT
    FROM
      (
        VALUES
          (slot_0.deployment_id),
          (slot_1.deployment_id)
      ) active (deployment_id)
    WHERE
      EXISTS (
        SELECT
        FROM
          deployment_label l
        WHERE
          l.tenant = $tenant
          AND l.deployment_id = active.deployment_id
          AND l.label = $label0::uuid
      )
  )
  -- planner: applications are found in this order; an ORDER BY would find all of them first.
LIMIT
  $limit

-- with idle applications
WITH RECURSIVE
  known AS (
    SELECT
      min(a.application) AS application
    FROM
      deployment_interval a
    WHERE
      a.tenant = $tenant
    UNION ALL
    SELECT
      next.application
    FROM
      known
      CROSS JOIN LATERAL (
        SELECT
          min(a.application) AS application
        FROM
          deployment_interval a
        WHERE
          a.tenant = $tenant
          AND a.application > known.application
      ) next
    WHERE
      known.application IS NOT NULL
  )
SELECT
  known.application,
  json_build_array(slot_0.interval, slot_1.interval) AS intervals
FROM
  known
  LEFT JOIN LATERAL (
    SELECT
      CASE
        WHEN NOT s.removed THEN s.image_tag
      END AS image_tag,
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
      AND s.application = known.application
      AND s.environment_name = $environment0
    ORDER BY
      s.from_at DESC
    LIMIT
      1
  ) slot_0 ON true
  LEFT JOIN LATERAL (
    SELECT
      CASE
        WHEN NOT s.removed THEN s.image_tag
      END AS image_tag,
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
      AND s.application = known.application
      AND s.environment_name = $environment1
    ORDER BY
      s.from_at DESC
    LIMIT
      1
  ) slot_1 ON true
WHERE
  known.application IS NOT NULL
  -- planner: applications are found in this order; an ORDER BY would find all of them first.
LIMIT
  $limit
