-- write decisions

WITH
  streams AS MATERIALIZED (
    SELECT
      *
    FROM
      json_to_recordset($streams) AS r (
        stream_id text,
        tenant text,
        version integer,
        base_version integer,
        state json,
        recorded_at timestamptz,
        first_event_id uuid,
        created_by uuid,
        updated_by uuid
      )
  ),
  entries AS MATERIALIZED (
    SELECT
      *
    FROM
      json_to_recordset($entries) AS r (
        stream_id text,
        tenant text,
        name text,
        group_key text,
        rank text,
        first_event_id uuid,
        notify boolean
      )
  ),
  created AS (
    INSERT INTO
      ledger.stream (stream_id, tenant, version, state, recorded_at, first_event_id, created_by, updated_by)
    SELECT
      stream_id,
      tenant,
      version,
      state,
      recorded_at,
      first_event_id,
      created_by,
      updated_by
    FROM
      streams
    WHERE
      base_version = 0
    ON CONFLICT DO NOTHING
    RETURNING
      1
  ),
  changed AS (
    UPDATE ledger.stream AS s
    SET
      version = r.version,
      state = r.state,
      updated_by = r.updated_by
    FROM
      streams AS r
    WHERE
      s.stream_id = r.stream_id
      AND r.base_version > 0
      AND s.version = r.base_version -- protects: no-unique-pending-version
    RETURNING
      1
  ),
  commands AS (
    INSERT INTO
      ledger.command (command_id, tenant, body_hash, actor, outcome, answer, repeat_of, events, confirmed, positions, received_at)
    SELECT
      command_id,
      tenant,
      body_hash,
      actor,
      outcome,
      answer,
      repeat_of,
      events,
      confirmed,
      positions,
      received_at
    FROM
      json_to_recordset($commands) AS r (
        command_id uuid,
        tenant text,
        body_hash text,
        actor text,
        outcome text,
        answer json,
        repeat_of uuid,
        events integer,
        confirmed integer,
        positions jsonb,
        received_at timestamptz
      )
    ON CONFLICT DO NOTHING
    RETURNING
      1
  ),
  outbox AS (
    INSERT INTO
      ledger.outbox (event_id, command_id, stream_id, version, partition, key, value, headers, bytes)
    SELECT
      event_id,
      command_id,
      stream_id,
      version,
      partition,
      key,
      value,
      headers,
      bytes
    FROM
      json_to_recordset($outbox) AS r (
        event_id uuid,
        command_id uuid,
        stream_id text,
        version integer,
        partition smallint,
        key text,
        value text,
        headers json,
        bytes integer
      )
  ),
  outdated AS (
    DELETE FROM ledger.stream_index AS i USING streams AS r
    WHERE
      r.base_version > 0
      AND i.stream_id = r.stream_id
      AND NOT EXISTS (
        SELECT
        FROM
          entries AS e
        WHERE
          e.stream_id = i.stream_id
          AND e.name = i.name
      )
  ),
  listed AS (
    INSERT INTO
      ledger.stream_index (
        stream_id,
        tenant,
        name,
        group_key,
        rank,
        first_event_id,
        notify
      )
    SELECT
      stream_id,
      tenant,
      name,
      group_key,
      rank,
      first_event_id,
    notify
    FROM
      entries
    ON CONFLICT (stream_id, name) DO UPDATE
    SET
      group_key = excluded.group_key,
      rank = excluded.rank
  )
SELECT
  (
    SELECT
      count(*)
    FROM
      created
  )::int + (
    SELECT
      count(*)
    FROM
      changed
  )::int AS streams,
  (
    SELECT
      count(*)
    FROM
      commands
  )::int AS commands
