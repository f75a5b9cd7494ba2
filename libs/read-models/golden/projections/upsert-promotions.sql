-- upsert promotions

INSERT INTO
  promotion (
    tenant,
    promotion_id,
    state,
    source_environment,
    target_environment,
    created_at,
    promotion,
    standing,
    recorded_at,
    partition,
    log_order,
    last_seq,
    version
  )
SELECT
  *
FROM
  unnest(
    $changed_tenant::text[],
    $changed_promotion_id::uuid[],
    $changed_state::text[],
    $changed_source_environment::text[],
    $changed_target_environment::text[],
    $changed_created_at::timestamptz[],
    $changed_promotion::json[],
    $changed_standing::json[],
    $changed_recorded_at::timestamptz[],
    $changed_partition::smallint[],
    $changed_log_order::bigint[],
    $changed_last_seq::bigint[],
    $changed_version::integer[]
  ) AS changed (
    tenant,
    promotion_id,
    state,
    source_environment,
    target_environment,
    created_at,
    promotion,
    standing,
    recorded_at,
    partition,
    log_order,
    last_seq,
    version
  )
ON CONFLICT (tenant, promotion_id) DO UPDATE
SET
  state = excluded.state,
  promotion = excluded.promotion,
  standing = excluded.standing,
  last_seq = excluded.last_seq,
  version = excluded.version
