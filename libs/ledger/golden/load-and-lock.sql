-- load and lock

SELECT
  (
    SELECT
      open_for = pg_postmaster_start_time()
      AND state_versions = $state_versions
    FROM
      ledger.gate
  ) AS open,
  (
    SELECT
      json_agg(c)
    FROM
      ledger.command AS c
    WHERE
      command_id = ANY ($command_ids)
  ) AS commands,
  (
    SELECT
      array_agg(stream_id)
    FROM
      ledger.stream
    WHERE
      stream_id = ANY ($stream_ids::text[] || $basis_ids::text[])
  ) AS present,
  (
    SELECT
      json_agg(b)
    FROM
      (
        SELECT
          stream_id,
          version
        FROM
          ledger.stream
        WHERE
          stream_id = ANY ($basis_ids)
        ORDER BY
          stream_id
        FOR SHARE
          SKIP LOCKED
      ) AS b
  ) AS basis,
  (
    SELECT
      json_agg(l)
    FROM
      (
        SELECT
          s.stream_id,
          s.version,
          s.state,
          replace(to_char(s.recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), '.000Z', 'Z') AS recorded_at,
          octet_length(s.state::text) AS bytes,
          s.first_event_id,
          s.created_by,
          s.updated_by,
          c.body_hash AS created_hash,
          c.actor AS created_actor,
          c.answer AS created_answer,
          CASE
            WHEN c.confirmed >= c.events THEN c.positions
          END AS created_positions
        FROM
          ledger.stream AS s
          LEFT JOIN ledger.command AS c ON c.command_id = s.created_by
        WHERE
          s.stream_id = ANY ($stream_ids)
        ORDER BY
          s.stream_id
        FOR UPDATE OF
          s SKIP LOCKED -- protects: no-unique-pending-lock
      ) AS l
  ) AS locked
