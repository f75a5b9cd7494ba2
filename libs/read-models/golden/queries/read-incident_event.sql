-- read incident_event

SELECT
  (
    SELECT
      '[' || string_agg(
        left(
          json_strip_nulls(
            json_build_object(
              'type',
              e.type,
              'position',
              e.partition || ':' || e.seq,
              'eventId',
              e.event_id,
              'actor',
              e.actor,
              'time',
              instant (e.time),
              'recordedAt',
              instant (e.recorded_at)
            )
          )::text,
          -1
        ) || ',"data":' || e.data::text || '}',
        ','
        ORDER BY
          e.version
      ) || ']'
    FROM
      incident_event e
    WHERE
      e.tenant = $tenant
      AND e.incident_id = $id
  ) AS json,
  coalesce(
    (
      SELECT
        string_agg(
          partition || ':' || seq,
          ','
          ORDER BY
            partition
        )
      FROM
        projection_position
      WHERE
        projection = 'deployments'
        AND seq > 0
    ),
    ''
  ) AS positions
