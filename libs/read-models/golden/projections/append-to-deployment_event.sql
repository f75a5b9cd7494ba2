-- append to deployment_event

INSERT INTO
  deployment_event (tenant, deployment_id, version, partition, seq, event_id, type, actor, time, recorded_at, data)
SELECT
  *
FROM
  unnest(
    $event_tenant::text[],
    $event_deployment_id::uuid[],
    $event_version::integer[],
    $event_partition::smallint[],
    $event_seq::bigint[],
    $event_event_id::uuid[],
    $event_type::text[],
    $event_actor::text[],
    $event_time::timestamptz[],
    $event_recorded_at::timestamptz[],
    $event_data::json[]
  ) AS event (tenant, deployment_id, version, partition, seq, event_id, type, actor, time, recorded_at, data)
