-- tenants with incidents

SELECT
  known.tenant
FROM
  unnest($tenants::text[]) AS known (tenant)
  CROSS JOIN LATERAL (
    SELECT
    FROM
      incident i
    WHERE
      (i.tenant) >= (known.tenant)
      AND (i.tenant) <= (known.tenant)
    ORDER BY
      i.tenant,
      i.incident_id
    LIMIT
      1
  ) first
