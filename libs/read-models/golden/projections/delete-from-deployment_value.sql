-- delete from deployment_value

DELETE FROM deployment_value
WHERE
  tenant = ANY ($tenants)
