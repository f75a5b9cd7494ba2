-- delete from deployment_metric

DELETE FROM deployment_metric
WHERE
  tenant = ANY ($tenants)
