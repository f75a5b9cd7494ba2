-- successes with a tag

WITH
  batch AS MATERIALIZED (
    SELECT
      unnest($batch::bigint[]) AS log_order
  )
SELECT
  tag.n::integer,
  instant (h.deployed_at) AS at,
  h.log_order
FROM
  unnest($tag_tenant::text[], $tag_application::text[], $tag_environment_name::text[], $tag_image_tag::text[]) WITH ORDINALITY AS tag (tenant, application, environment_name, image_tag, n)
  CROSS JOIN LATERAL (
    SELECT
      h.deployed_at,
      h.log_order
    FROM
      deployment_history h
    WHERE
      (h.tenant, h.image_tag, h.application, h.environment_name, h.succeeded) >= (tag.tenant, tag.image_tag, tag.application, tag.environment_name, true)
      AND (h.tenant, h.image_tag, h.application, h.environment_name, h.succeeded) <= (tag.tenant, tag.image_tag, tag.application, tag.environment_name, true)
      AND h.succeeded
      AND h.log_order NOT IN (
        SELECT
          log_order
        FROM
          batch
      )
    ORDER BY
      h.tenant,
      h.image_tag,
      h.application,
      h.environment_name,
      h.succeeded,
      h.deployed_at,
      h.log_order
    LIMIT
      $limit::integer
  ) h
