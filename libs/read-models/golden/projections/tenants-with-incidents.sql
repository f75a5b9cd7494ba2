-- tenants with incidents

SELECT
  known.tenant
FROM
  unnest($tenants::text[]) AS known (tenant)
WHERE
  EXISTS (
    SELECT
    FROM
      incident i
    WHERE
      i.tenant = known.tenant
  )
