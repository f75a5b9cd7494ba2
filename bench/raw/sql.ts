// The ledger's statements for new deployments: set-based, so that one statement serves one and 1,000.

/** Parameters: stream ids, command ids. */
export const LOAD_AND_LOCK = `
  SELECT (SELECT open_for = pg_postmaster_start_time() FROM ledger.gate) AS open,
         (SELECT json_agg(c) FROM ledger.command AS c WHERE command_id = ANY ($2)) AS commands,
         (SELECT json_agg(l) FROM (
            SELECT s.stream_id, s.version, s.state FROM ledger.stream AS s
            WHERE s.stream_id = ANY ($1) ORDER BY s.stream_id FOR UPDATE SKIP LOCKED) AS l) AS locked`

/** Parameters: streams, commands, outbox rows, index entries; as JSON arrays. */
export const WRITE = `
  WITH streams AS (
    INSERT INTO ledger.stream (stream_id, tenant, version, state, recorded_at, first_event_id, created_by, updated_by)
    SELECT * FROM json_to_recordset($1) AS r(stream_id text, tenant text, version integer, state json,
      recorded_at timestamptz, first_event_id uuid, created_by uuid, updated_by uuid)
  ), commands AS (
    INSERT INTO ledger.command (command_id, tenant, body_hash, outcome, answer, events, received_at)
    SELECT * FROM json_to_recordset($2) AS r(command_id uuid, tenant text, body_hash text, outcome text, answer json,
      events integer, received_at timestamptz)
  ), outbox AS (
    INSERT INTO ledger.outbox (event_id, command_id, stream_id, version, partition, key, value, headers, bytes)
    SELECT * FROM json_to_recordset($3) AS r(event_id uuid, command_id uuid, stream_id text, version integer,
      partition smallint, key text, value text, headers json, bytes integer)
  )
  INSERT INTO ledger.stream_index (stream_id, tenant, name, group_key, rank, first_event_id)
  SELECT * FROM json_to_recordset($4) AS e(stream_id text, tenant text, name text, group_key text, rank text, first_event_id uuid)`

/** Parameters: the ends of the partitions, the events that were read back; as JSON arrays. */
export const CONFIRM = `
  WITH tails AS (
    UPDATE ledger.partition_log AS l SET seq = t.seq, hash = t.hash, updated_at = now()
    FROM json_to_recordset($1) AS t(partition smallint, seq bigint, hash text) WHERE l.partition = t.partition
  ), gone AS (
    DELETE FROM ledger.outbox AS p USING json_to_recordset($2) AS s(event_id uuid)
    WHERE p.event_id = s.event_id
    RETURNING p.command_id, p.partition
  )
  UPDATE ledger.command AS c SET confirmed = c.confirmed + 1, positions = jsonb_build_object(g.partition, 1)
  FROM gone AS g WHERE c.command_id = g.command_id`
