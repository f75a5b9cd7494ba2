-- delete empty deployment_histogram

DELETE FROM deployment_histogram
WHERE
  ctid = ANY ($ids::tid[])
