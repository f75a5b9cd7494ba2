-- delete from deployment_counter

DELETE FROM deployment_counter
WHERE
  tenant = ANY ($tenants)
