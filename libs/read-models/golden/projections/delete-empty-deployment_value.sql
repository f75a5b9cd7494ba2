-- delete empty deployment_value

DELETE FROM deployment_value
WHERE
  ctid = ANY ($ids::tid[])
