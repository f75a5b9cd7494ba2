-- bytes of deployments

SELECT
  changing.key,
  h.recorded_bytes
FROM
  unnest($changing_tenant::text[], $changing_deployment_id::uuid[], $changing_key::text[]) AS changing (tenant, deployment_id, key)
  CROSS JOIN LATERAL (
    SELECT
      h.recorded_bytes
    FROM
      deployment_history h
    WHERE
      (h.tenant, h.deployment_id) >= (changing.tenant, changing.deployment_id)
      AND (h.tenant, h.deployment_id) <= (changing.tenant, changing.deployment_id)
    ORDER BY
      h.tenant,
      h.deployment_id
    OFFSET
      0
  ) h
