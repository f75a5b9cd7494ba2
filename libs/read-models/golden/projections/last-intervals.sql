-- last intervals

SELECT
  slot.n::integer,
  s.*
FROM
  unnest($slot_tenant::text[], $slot_application::text[], $slot_environment_name::text[]) WITH ORDINALITY AS slot (tenant, application, environment_name, n)
  CROSS JOIN LATERAL (
    SELECT
      milliseconds (s.from_at) AS
    from
,
      s.deployment_id,
      s.image_tag,
      milliseconds (s.deployed_at) AS deployed_at,
      s.log_order,
      s.by_rollback,
      s.new_tag,
      s.removed
    FROM
      deployment_interval s
    WHERE
      s.tenant = slot.tenant
      AND s.application = slot.application
      AND s.environment_name = slot.environment_name
    ORDER BY
      s.tenant DESC,
      s.application DESC,
      s.environment_name DESC,
      s.from_at DESC
    LIMIT
      1
  ) s
