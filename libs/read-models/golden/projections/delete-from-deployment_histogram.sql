-- delete from deployment_histogram

DELETE FROM deployment_histogram
WHERE
  tenant = ANY ($tenants)
