-- known environments

-- of configurations
WITH RECURSIVE
  configurations (name) AS (
    (
      SELECT
        environment
      FROM
        configuration_history
      WHERE
        tenant = $tenant
      ORDER BY
        environment
      LIMIT
        1
    )
    UNION ALL
    SELECT
      (
        SELECT
          h.environment
        FROM
          configuration_history h
        WHERE
          h.tenant = $tenant
          AND h.environment > step.name
        ORDER BY
          h.environment
        LIMIT
          1
      )
    FROM
      configurations step
    WHERE
      step.name IS NOT NULL
  ),
  other AS (
    (
      SELECT
        name
      FROM
        configurations
      WHERE
        name IS NOT NULL
      LIMIT
        50
    )
  )
SELECT
  ARRAY(
    SELECT
      name
    FROM
      environments ($tenant)
    ORDER BY
      rank
  ) || ARRAY(
    SELECT
      name
    FROM
      other
    WHERE
      NOT EXISTS (
        SELECT
        FROM
          environments ($tenant) known
        WHERE
          other.name = ANY (known.words)
          OR other.name = known.name
      )
    ORDER BY
      name COLLATE "C"
    LIMIT
      50
  ) AS names,
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

-- of deployments
WITH RECURSIVE
  deployments (name) AS (
    (
      SELECT
        environment_name
      FROM
        deployment_history
      WHERE
        tenant = $tenant
      ORDER BY
        environment_name
      LIMIT
        1
    )
    UNION ALL
    SELECT
      (
        SELECT
          h.environment_name
        FROM
          deployment_history h
        WHERE
          h.tenant = $tenant
          AND h.environment_name > step.name
        ORDER BY
          h.environment_name
        LIMIT
          1
      )
    FROM
      deployments step
    WHERE
      step.name IS NOT NULL
  ),
  other AS (
    (
      SELECT
        name
      FROM
        deployments
      WHERE
        name IS NOT NULL
      LIMIT
        50
    )
  )
SELECT
  ARRAY(
    SELECT
      name
    FROM
      environments ($tenant)
    ORDER BY
      rank
  ) || ARRAY(
    SELECT
      name
    FROM
      other
    WHERE
      NOT EXISTS (
        SELECT
        FROM
          environments ($tenant) known
        WHERE
          other.name = ANY (known.words)
          OR other.name = known.name
      )
    ORDER BY
      name COLLATE "C"
    LIMIT
      50
  ) AS names,
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

-- of both
WITH RECURSIVE
  configurations (name) AS (
    (
      SELECT
        environment
      FROM
        configuration_history
      WHERE
        tenant = $tenant
      ORDER BY
        environment
      LIMIT
        1
    )
    UNION ALL
    SELECT
      (
        SELECT
          h.environment
        FROM
          configuration_history h
        WHERE
          h.tenant = $tenant
          AND h.environment > step.name
        ORDER BY
          h.environment
        LIMIT
          1
      )
    FROM
      configurations step
    WHERE
      step.name IS NOT NULL
  ),
  deployments (name) AS (
    (
      SELECT
        environment_name
      FROM
        deployment_history
      WHERE
        tenant = $tenant
      ORDER BY
        environment_name
      LIMIT
        1
    )
    UNION ALL
    SELECT
      (
        SELECT
          h.environment_name
        FROM
          deployment_history h
        WHERE
          h.tenant = $tenant
          AND h.environment_name > step.name
        ORDER BY
          h.environment_name
        LIMIT
          1
      )
    FROM
      deployments step
    WHERE
      step.name IS NOT NULL
  ),
  other AS (
    (
      SELECT
        name
      FROM
        configurations
      WHERE
        name IS NOT NULL
      LIMIT
        50
    )
    UNION
    (
      SELECT
        name
      FROM
        deployments
      WHERE
        name IS NOT NULL
      LIMIT
        50
    )
  )
SELECT
  ARRAY(
    SELECT
      name
    FROM
      environments ($tenant)
    ORDER BY
      rank
  ) || ARRAY(
    SELECT
      name
    FROM
      other
    WHERE
      NOT EXISTS (
        SELECT
        FROM
          environments ($tenant) known
        WHERE
          other.name = ANY (known.words)
          OR other.name = known.name
      )
    ORDER BY
      name COLLATE "C"
    LIMIT
      50
  ) AS names,
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
