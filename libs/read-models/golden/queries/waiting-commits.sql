-- waiting commits

WITH
  wanted AS MATERIALIZED (
    SELECT
      *
    FROM
      unnest($applications::text[], $starts::timestamptz[]) AS wanted (application, start)
  ),
  brought AS MATERIALIZED (
    SELECT
      h.application,
      h.image_tag,
      h.deployed_at,
      h.finished_at,
      h.log_order,
      (c.value ->> 'sha') COLLATE "C" AS sha,
      (c.value ->> 'committedAt')::timestamptz(3) AS committed_at,
      c.value -> 'author' AS author,
      c.ordinality
    FROM
      wanted
      JOIN deployment_history h ON h.tenant = $tenant
      AND h.application = wanted.application
      AND h.environment_name = $source
      AND h.finished_at >= wanted.start
      AND h.succeeded
      CROSS JOIN LATERAL json_array_elements(h.commits) WITH ORDINALITY c
  ),
  first AS MATERIALIZED (
    SELECT DISTINCT
      ON (application, sha) *
    FROM
      brought
    ORDER BY
      application,
      sha,
      finished_at,
      log_order,
      ordinality
  ),
  waiting AS MATERIALIZED (
    SELECT
      first.*
    FROM
      first
      JOIN wanted USING (application)
    WHERE
      NOT EXISTS (
        SELECT
        FROM
          deployment_commit c
        WHERE
          c.tenant = $tenant
          AND c.sha = first.sha
          AND c.application = first.application
          AND c.environment_name = $target
          AND c.succeeded
          AND true
      )
      AND NOT EXISTS (
        SELECT
        FROM
          deployment_commit c
        WHERE
          c.tenant = $tenant
          AND c.sha = first.sha
          AND c.application = first.application
          AND c.environment_name = $source
          AND c.succeeded
          AND c.finished_at < wanted.start
      )
  )
SELECT
  application,
  json_object_agg(image_tag, count) AS "byTag",
  (
    SELECT
      json_agg(
        json_strip_nulls(
          json_build_object('sha', sha, 'committedAt', instant (committed_at), 'author', author, 'firstDeployedAt', instant (deployed_at))
        )
        ORDER BY
          committed_at DESC,
          sha
      )
    FROM
      (
        SELECT
          *
        FROM
          waiting w
        WHERE
          w.application = tag.application
        ORDER BY
          committed_at DESC,
          sha
        LIMIT
          500
      ) latest
  ) AS commits
FROM
  (
    SELECT
      application,
      image_tag,
      count(*)::integer AS count
    FROM
      waiting
    GROUP BY
      application,
      image_tag
  ) tag
GROUP BY
  application
