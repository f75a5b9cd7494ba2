-- delete empty deployment_counter

DELETE FROM deployment_counter
WHERE
  ctid = ANY ($ids::tid[])
