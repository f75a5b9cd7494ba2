-- read promotion_event

WITH
  environments AS MATERIALIZED (
    SELECT
      ARRAY(
        SELECT DISTINCT
          name
        FROM
          promotion p,
          LATERAL (
            VALUES
              (configuration_name ($tenant, environment_name ($tenant, p.source_environment))),
              (configuration_name ($tenant, environment_name ($tenant, p.target_environment))),
              (coalesce(p.promotion -> 'executed' ->> 'configurationName', p.promotion -> 'executed' ->> 'targetName'))
          ) AS named (name)
        WHERE
          p.tenant = $tenant
          AND p.promotion_id = $id
          AND name IS NOT NULL
      ) AS names
  )
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
        ) || ',"data":' || presented.data || '}',
        ','
        ORDER BY
          e.version
      ) || ']'
    FROM
      promotion_event e
      CROSS JOIN environments
      CROSS JOIN LATERAL (
        SELECT
          CASE
            WHEN NOT EXISTS (
              SELECT
              FROM
                configuration_secret s
              WHERE
                s.tenant = $tenant
                AND s.environment = ANY (environments.names)
                AND s.seq > e.seq
            ) THEN e.data::text
            ELSE (
              SELECT
                '{' || string_agg(
                  to_json(member.key)::text || ':' || CASE
                    WHEN member.key IN ('content', 'changes') THEN (
                      SELECT
                        '[' || coalesce(
                          string_agg(
                            CASE
                              WHEN EXISTS (
                                SELECT
                                FROM
                                  configuration_secret s
                                WHERE
                                  s.tenant = $tenant
                                  AND s.environment = ANY (environments.names)
                                  AND s.kind = change.value ->> 'kind'
                                  AND s.key = change.value ->> 'key'
                                  AND s.seq > e.seq
                              ) THEN masked_change (change.value, '********')
                              ELSE change.value
                            END::text,
                            ','
                            ORDER BY
                              change.ordinality
                          ),
                          ''
                        ) || ']'
                      FROM
                        json_array_elements(member.value) WITH ORDINALITY change
                    )
                    ELSE member.value::text
                  END,
                  ','
                  ORDER BY
                    member.ordinality
                ) || '}'
              FROM
                json_each(e.data) WITH ORDINALITY member
            )
          END AS data
      ) presented
    WHERE
      e.tenant = $tenant
      AND e.promotion_id = $id
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
