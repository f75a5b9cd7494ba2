-- names of environments

SELECT DISTINCT
  tenant,
  environment,
  environment_name
FROM
  deployment_history
WHERE
  tenant = ANY ($tenants)
