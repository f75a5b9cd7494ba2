-- names of environments

SELECT DISTINCT
  tenant,
  environment,
  environment_name
FROM
  deployment_history
WHERE
  tenant = ANY ($tenants)
UNION
SELECT DISTINCT
  tenant,
  environment,
  environment_name
FROM
  deployment_voided
WHERE
  tenant = ANY ($tenants)
