-- sizes of applications

SELECT
  tenant,
  application,
  count(*)::int AS deployments
FROM
  deployment_history
WHERE
  tenant = ANY ($tenants)
GROUP BY
  tenant,
  application
ORDER BY
  tenant,
  application
