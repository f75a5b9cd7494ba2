-- park an event

INSERT INTO
  parked_event (projection, partition, "offset", seq, event_id, type, reason)
VALUES
  ($projection, $partition, $offset, $seq, $eventId, $type, $reason)
ON CONFLICT (projection, partition) DO UPDATE
SET
  "offset" = excluded."offset",
  seq = excluded.seq,
  event_id = excluded.event_id,
  type = excluded.type,
  reason = excluded.reason,
  parked_at = now()
