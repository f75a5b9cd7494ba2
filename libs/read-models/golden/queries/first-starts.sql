-- first starts

SELECT
  coalesce(first.start, 'Infinity') AS start
FROM
  unnest($applications::text[], $environments::text[], $tags::text[]) WITH ORDINALITY AS slot (application, environment, tag, n)
  LEFT JOIN LATERAL (
    SELECT
      milliseconds (h.deployed_at) AS start
    FROM
      deployment_history h
    WHERE
      h.tenant = $tenant
      AND h.image_tag = slot.tag
      AND h.application = slot.application
      AND h.environment_name = slot.environment
      AND h.succeeded
    ORDER BY
      h.deployed_at
    LIMIT
      1
  ) first ON true
ORDER BY
  slot.n
