-- names of environments of incidents

SELECT DISTINCT
  tenant,
  named_environment AS environment
FROM
  incident
WHERE
  tenant = ANY ($tenants)
  AND named_environment IS NOT NULL
