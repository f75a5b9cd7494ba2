-- pipelines of promotions

SELECT
  tenant,
  pipeline
FROM
  tenant_pipeline
WHERE
  tenant = ANY ($tenants)
  AND pipeline IS NOT NULL
