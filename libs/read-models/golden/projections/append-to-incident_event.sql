-- append to incident_event

INSERT INTO
  incident_event (tenant, incident_id, version, partition, seq, event_id, type, actor, time, recorded_at, data)
SELECT
  *
FROM
  unnest(
    $event_tenant::text[],
    $event_incident_id::text[],
    $event_version::integer[],
    $event_partition::smallint[],
    $event_seq::bigint[],
    $event_event_id::uuid[],
    $event_type::text[],
    $event_actor::text[],
    $event_time::timestamptz[],
    $event_recorded_at::timestamptz[],
    $event_data::json[]
  ) AS event (tenant, incident_id, version, partition, seq, event_id, type, actor, time, recorded_at, data)
