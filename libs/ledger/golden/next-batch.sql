-- next batch

WITH
  pending AS (
    SELECT
      ordinal,
      command_id,
      partition,
      key,
      value,
      headers,
      bytes
    FROM
      ledger.outbox
    WHERE
      event_id <> ALL ($unconfirmed)
    ORDER BY
      ordinal
    LIMIT
      $most
  ),
  commands AS (
    SELECT
      *,
      min(ordinal) OVER (
        PARTITION BY
          command_id
      ) AS began
    FROM
      pending
  ),
  summed AS (
    SELECT
      *,
      count(*) OVER (
        ORDER BY
          began
      ) AS events,
      sum(bytes) OVER (
        ORDER BY
          began
      ) AS total,
      row_number() OVER (
        ORDER BY
          began,
          ordinal
      ) AS events_so_far,
      sum(bytes) OVER (
        ORDER BY
          began,
          ordinal
      ) AS so_far
    FROM
      commands
  )
SELECT
  partition,
  key,
  value,
  headers
FROM
  summed
WHERE
  (
    events <= $events
    AND total <= $bytes
  )
  OR (
    began = (
      SELECT
        min(ordinal)
      FROM
        pending
    )
    AND events_so_far <= $events
    AND (
      so_far <= $bytes
      OR so_far = bytes
    )
  )
ORDER BY
  began,
  ordinal
