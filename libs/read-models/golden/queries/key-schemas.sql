-- key schemas

SELECT
  coalesce(
    (
      SELECT
        '[' || string_agg(
          concat(
            '{"keyPattern":',
            to_json(s.key_pattern),
            ',"schema":',
            s.schema,
            ',"updatedAt":"',
            instant (s.updated_at),
            '"',
            ',"updatedBy":' || to_json(s.updated_by)::text,
            '}'
          ),
          ','
          ORDER BY
            s.key_pattern
        ) || ']'
      FROM
        key_schema s
      WHERE
        s.tenant = $tenant
    ),
    '[]'
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
