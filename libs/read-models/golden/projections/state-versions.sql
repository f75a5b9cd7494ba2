-- state versions

SELECT
  category,
  version
FROM
  state_version
