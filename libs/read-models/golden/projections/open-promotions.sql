-- open promotions

SELECT
  tenant,
  promotion,
  standing
FROM
  promotion
WHERE
  tenant = ANY ($tenants)
  AND (
    state IN ('VALIDATED', 'APPROVED')
    OR standing IS NOT NULL
  )
