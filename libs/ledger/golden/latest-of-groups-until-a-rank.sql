-- latest of groups until a rank

SELECT
  latest.stream_id AS "streamId",
  latest.group_key AS "groupKey",
  latest.rank,
  latest.first_event_id AS "firstEventId",
  ARRAY(
    SELECT
      n.name
    FROM
      ledger.stream_index AS n
    WHERE
      n.stream_id = latest.stream_id
  ) AS names
FROM
  (
    SELECT
      latest.*
    FROM
      unnest($group_keys::text[]) AS wanted (group_key)
      CROSS JOIN LATERAL (
        SELECT
          stream_id,
          group_key,
          rank,
          first_event_id
        FROM
          ledger.stream_index AS i
        WHERE
          i.tenant = $tenant
          AND i.name = $name
          AND i.group_key = wanted.group_key
          AND i.rank <= $rank
        ORDER BY
          rank DESC,
          first_event_id DESC
        LIMIT
          $limit
      ) AS latest
    ORDER BY
      latest.rank DESC,
      latest.first_event_id DESC
    LIMIT
      $limit
  ) AS latest
ORDER BY
  latest.rank DESC,
  latest.first_event_id DESC
