-- incidents without an application

SELECT DISTINCT
  i.tenant
FROM
  unnest($wanted_tenant::text[], $wanted_incident_id::text[]) AS wanted (tenant, incident_id)
  CROSS JOIN LATERAL (
    SELECT
      i.*
    FROM
      incident i
    WHERE
      (i.tenant, i.incident_id) >= (wanted.tenant, wanted.incident_id)
      AND (i.tenant, i.incident_id) <= (wanted.tenant, wanted.incident_id)
    ORDER BY
      i.tenant,
      i.incident_id
    OFFSET
      0
  ) i
WHERE
  i.named_application IS NULL
