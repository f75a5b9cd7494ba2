-- confirm

WITH
  tails AS (
    SELECT
      *
    FROM
      json_to_recordset($tails) AS t (partition smallint, from_seq bigint, seq bigint, next_offset bigint, hash text)
  ),
  seen AS (
    SELECT
      *
    FROM
      json_to_recordset($seen) AS s (event_id uuid, command_id uuid, partition smallint, seq bigint)
  ),
  moved AS (
    UPDATE ledger.partition_log AS l
    SET
      seq = t.seq,
      next_offset = t.next_offset,
      hash = t.hash,
      updated_at = now()
    FROM
      tails AS t
    WHERE
      l.partition = t.partition
      AND l.seq = t.from_seq
    RETURNING
      1
  ),
  gone AS (
    DELETE FROM ledger.outbox AS p USING seen AS s
    WHERE
      p.event_id = s.event_id
    RETURNING
      s.event_id,
      s.command_id,
      s.partition,
      s.seq
  ),
  done AS (
    UPDATE ledger.command AS c
    SET
      confirmed = c.confirmed + g.events,
      positions = c.positions || g.positions
    FROM
      (
        SELECT
          command_id,
          sum(events)::int AS events,
          jsonb_object_agg(partition, seq) AS positions
        FROM
          (
            SELECT
              command_id,
              partition,
              count(*) AS events,
              max(seq) AS seq
            FROM
              gone
            GROUP BY
              command_id,
              partition
          ) AS by_partition
        GROUP BY
          command_id
      ) AS g
    WHERE
      c.command_id = g.command_id
    RETURNING
      c.command_id,
      c.positions,
      c.confirmed >= c.events AS complete
  )
SELECT
  (
    SELECT
      count(*)
    FROM
      moved
  )::int AS moved,
  (
    SELECT
      array_agg(event_id)
    FROM
      gone
  ) AS gone,
  (
    SELECT
      count(pg_notify ('shiplog_confirmed', ''))
    FROM
      (
        SELECT
        FROM
          done
        LIMIT
          1
      ) AS any_done
  ) AS notified,
  (
    SELECT
      json_agg(json_build_object('commandId', command_id, 'positions', positions))
    FROM
      done
    WHERE
      complete
  ) AS done
