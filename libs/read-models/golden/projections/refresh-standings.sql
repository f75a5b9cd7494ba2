-- refresh standings

UPDATE promotion p
SET
  state = changed.state,
  standing = changed.standing
FROM
  unnest($changed_tenant::text[], $changed_promotion_id::uuid[], $changed_state::text[], $changed_standing::json[]) AS changed (tenant, promotion_id, state, standing)
WHERE
  p.tenant = changed.tenant
  AND p.promotion_id = changed.promotion_id
