-- load promotions

SELECT
  p.tenant,
  p.promotion,
  instant (p.recorded_at) AS recorded_at,
  p.partition,
  p.log_order,
  p.last_seq,
  p.version
FROM
  (
    SELECT DISTINCT
      *
    FROM
      unnest($wanted_tenant::text[], $wanted_promotion_id::uuid[]) AS wanted (tenant, promotion_id)
  ) AS wanted
  JOIN promotion p ON p.tenant = wanted.tenant
  AND p.promotion_id = wanted.promotion_id
