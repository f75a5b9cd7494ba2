-- tags between

SELECT
  tag.n::integer,
  count(*)::integer AS successes,
  coalesce(
    array_agg(h.image_tag) FILTER (
      WHERE
        h.image_tag <> tag.image_tag
        AND h.log_order = (
          SELECT
            first.log_order
          FROM
            deployment_history first
          WHERE
            (first.tenant, first.image_tag, first.application, first.environment_name, first.succeeded) >= (h.tenant, h.image_tag, h.application, h.environment_name, true)
            AND (first.tenant, first.image_tag, first.application, first.environment_name, first.succeeded) <= (h.tenant, h.image_tag, h.application, h.environment_name, true)
            AND first.succeeded
            AND true
          ORDER BY
            first.tenant,
            first.image_tag,
            first.application,
            first.environment_name,
            first.succeeded,
            first.deployed_at,
            first.log_order
          LIMIT
            1
        )
    ),
    '{}'
  ) AS firsts
FROM
  unnest(
    $tag_tenant::text[],
    $tag_application::text[],
    $tag_environment_name::text[],
    $tag_image_tag::text[],
    $tag_deployed_at::timestamptz[],
    $tag_log_order::bigint[],
    $tag_until_at::timestamptz[],
    $tag_until_log_order::bigint[]
  ) WITH ORDINALITY AS tag (tenant, application, environment_name, image_tag, deployed_at, log_order, until_at, until_log_order, n)
  CROSS JOIN LATERAL (
    (
      SELECT
        h.tenant,
        h.application,
        h.environment_name,
        h.image_tag,
        h.deployed_at,
        h.log_order
      FROM
        deployment_history h
      WHERE
        (h.tenant, h.application, h.environment_name, h.status, h.deployed_at, h.log_order) >= (tag.tenant, tag.application, tag.environment_name, 'DEPLOYED', tag.deployed_at, tag.log_order)
        AND (h.tenant, h.application, h.environment_name, h.status, h.deployed_at, h.log_order) <= (tag.tenant, tag.application, tag.environment_name, 'DEPLOYED', tag.until_at, tag.until_log_order)
        AND h.succeeded
      ORDER BY
        h.tenant,
        h.application,
        h.environment_name,
        h.status,
        h.deployed_at,
        h.log_order
      LIMIT
        2001
    )
    UNION ALL
    (
      SELECT
        h.tenant,
        h.application,
        h.environment_name,
        h.image_tag,
        h.deployed_at,
        h.log_order
      FROM
        deployment_history h
      WHERE
        (h.tenant, h.application, h.environment_name, h.status, h.deployed_at, h.log_order) >= (tag.tenant, tag.application, tag.environment_name, 'ROLLED_BACK', tag.deployed_at, tag.log_order)
        AND (h.tenant, h.application, h.environment_name, h.status, h.deployed_at, h.log_order) <= (tag.tenant, tag.application, tag.environment_name, 'ROLLED_BACK', tag.until_at, tag.until_log_order)
        AND h.succeeded
      ORDER BY
        h.tenant,
        h.application,
        h.environment_name,
        h.status,
        h.deployed_at,
        h.log_order
      LIMIT
        2001
    )
  ) h
GROUP BY
  tag.n
