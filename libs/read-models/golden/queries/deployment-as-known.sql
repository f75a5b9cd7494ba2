-- deployment as known

SELECT
  (
    SELECT
      concat(
        '{"id":"',
        h.deployment_id,
        '"',
        ',"application":' || to_json(h.application)::text,
        ',"environment":' || to_json(h.environment)::text,
        ',"imageTag":' || to_json(h.image_tag)::text,
        ',"image":' || to_json(h.image)::text,
        ',"gitCommit":' || to_json(h.git_commit)::text,
        ',"gitBranch":' || to_json(h.git_branch)::text,
        ',"status":' || '"' || h.status || '"',
        ',"active":' || (current.deployment_id IS NOT NULL)::text,
        ',"deployedAt":' || '"' || instant (h.deployed_at) || '"',
        ',"completedAt":' || '"' || instant (h.completed_at) || '"',
        ',"durationSeconds":' || (
          trim_scale(
            extract(
              epoch
              FROM
                h.completed_at - h.deployed_at
            )
          )
        )::text,
        ',"rolledBackAt":' || '"' || instant (h.rolled_back_at) || '"',
        ',"rollbackReason":' || to_json(h.rollback_reason)::text,
        ',"rollbackOf":' || '"' || coalesce(h.rollback_of, undone.deployment_id) || '"',
        ',"rollbackDetected":' || '"' || CASE
          WHEN h.rollback_of IS NOT NULL THEN 'reported'
          WHEN undone.deployment_id IS NOT NULL THEN 'inferred'
        END || '"',
        ',"rollbackIgnored":' || to_json(
          CASE
            WHEN h.rollback_of IS NULL THEN NULL
            WHEN h.voided_at IS NOT NULL THEN 'It is voided.'
            WHEN h.rollback_of = h.deployment_id THEN 'It names itself.'
            WHEN NOT h.succeeded
            AND h.status <> 'PENDING' THEN 'It did not succeed: only a success undoes another deployment.'
            ELSE (
              SELECT
                CASE
                  WHEN (named.application, named.environment_name) <> (h.application, h.environment_name) THEN 'The deployment that it names is of application ' || named.application || ' in environment ' || named.environment || '.'
                  WHEN named.status = 'CANCELLED' THEN 'The deployment that it names is CANCELLED: it never ran.'
                END
              FROM
                (
                  SELECT
                    h.tenant,
                    h.deployment_id,
                    h.application,
                    h.environment,
                    h.image_tag,
                    h.image,
                    h.git_commit,
                    h.git_branch,
                    h.status,
                    h.deployed_at,
                    h.completed_at,
                    h.rolled_back_at,
                    h.rollback_reason,
                    h.rollback_of,
                    h.removed_at,
                    h.failure_reason,
                    h.actor,
                    h.pipeline,
                    h.commits,
                    h.notes,
                    h.migrations,
                    h.unplanned,
                    h.labels,
                    h.during_freeze,
                    h.environment_name,
                    h.succeeded,
                    h.finished_at,
                    h.correlation_id,
                    h.recorded_at,
                    h.partition,
                    h.recorded_seq,
                    h.log_order,
                    h.last_seq,
                    h.version,
                    h.recorded_bytes,
                    h.known_from,
                    h.finished_at AS reported_finish
                  FROM
                    (
                      SELECT
                        tenant,
                        deployment_id,
                        application,
                        environment,
                        image_tag,
                        image,
                        git_commit,
                        git_branch,
                        status,
                        deployed_at,
                        completed_at,
                        rolled_back_at,
                        rollback_reason,
                        rollback_of,
                        removed_at,
                        failure_reason,
                        actor,
                        pipeline,
                        commits,
                        notes,
                        migrations,
                        unplanned,
                        labels,
                        during_freeze,
                        environment_name,
                        succeeded,
                        finished_at,
                        correlation_id,
                        recorded_at,
                        partition,
                        recorded_seq,
                        log_order,
                        last_seq,
                        version,
                        recorded_bytes,
                        known_from,
                        'infinity'::timestamptz(3) AS known_until
                      FROM
                        deployment_history
                      UNION ALL
                      SELECT
                        tenant,
                        deployment_id,
                        application,
                        environment,
                        image_tag,
                        image,
                        git_commit,
                        git_branch,
                        status,
                        deployed_at,
                        completed_at,
                        rolled_back_at,
                        rollback_reason,
                        rollback_of,
                        removed_at,
                        failure_reason,
                        actor,
                        pipeline,
                        commits,
                        notes,
                        migrations,
                        unplanned,
                        labels,
                        during_freeze,
                        environment_name,
                        succeeded,
                        finished_at,
                        correlation_id,
                        recorded_at,
                        partition,
                        recorded_seq,
                        log_order,
                        last_seq,
                        version,
                        recorded_bytes,
                        known_from,
                        known_until
                      FROM
                        deployment_superseded
                    ) h
                  WHERE
                    true
                    AND h.deployed_at <= $knownAt::timestamptz + interval '24 hours'
                    AND h.known_from <= $knownAt::timestamptz
                    AND h.known_until > $knownAt::timestamptz
                ) named
              WHERE
                named.tenant = h.tenant
                AND named.deployment_id = h.rollback_of
            )
          END
        )::text,
        ',"removedAt":' || '"' || instant (h.removed_at) || '"',
        ',"failureReason":' || to_json(h.failure_reason)::text,
        ',"incidents":' || CASE
          WHEN h.voided_at IS NULL THEN (
            SELECT
              '[' || string_agg(
                json_strip_nulls(
                  json_build_object(
                    'id',
                    i.incident_id,
                    'startedAt',
                    instant (i.started_at),
                    'resolvedAt',
                    instant (i.resolved_at),
                    'title',
                    i.title,
                    'url',
                    i.url
                  )
                )::text,
                ','
                ORDER BY
                  i.started_at DESC,
                  i.log_order DESC
              ) || ']'
            FROM
              (
                SELECT
                  *
                FROM
                  (
                    SELECT
                      *
                    FROM
                      (
                        SELECT
                          i.tenant,
                          i.incident_id,
                          i.started_at,
                          i.title,
                          i.url,
                          i.recorded_at,
                          i.partition,
                          i.log_order,
                          CASE
                            WHEN i.resolution_known_from <= $knownAt::timestamptz THEN i.resolved_at
                          END AS resolved_at,
                          CASE
                            WHEN i.resolution_known_from <= $knownAt::timestamptz THEN i.last_seq
                            ELSE i.recorded_seq
                          END AS last_seq,
                          CASE
                            WHEN i.resolution_known_from <= $knownAt::timestamptz THEN i.version
                            ELSE 1
                          END AS version
                        FROM
                          incident i
                        WHERE
                          (i.named_deployment_id, i.tenant) >= (h.deployment_id, h.tenant)
                          AND (i.named_deployment_id, i.tenant) <= (h.deployment_id, h.tenant)
                          AND i.named_deployment_id IS NOT NULL
                          AND (
                            i.named_application IS NULL
                            OR h.application = i.named_application
                          )
                          AND (
                            i.named_environment IS NULL
                            OR h.environment_name = i.environment_name
                          )
                          AND i.recorded_at <= $knownAt::timestamptz
                        ORDER BY
                          i.named_deployment_id DESC,
                          i.tenant DESC,
                          i.started_at DESC,
                          i.log_order DESC
                        LIMIT
                          20
                      ) named
                    UNION ALL
                    SELECT
                      *
                    FROM
                      (
                        SELECT
                          i.tenant,
                          i.incident_id,
                          i.started_at,
                          i.title,
                          i.url,
                          i.recorded_at,
                          i.partition,
                          i.log_order,
                          CASE
                            WHEN i.resolution_known_from <= $knownAt::timestamptz THEN i.resolved_at
                          END AS resolved_at,
                          CASE
                            WHEN i.resolution_known_from <= $knownAt::timestamptz THEN i.last_seq
                            ELSE i.recorded_seq
                          END AS last_seq,
                          CASE
                            WHEN i.resolution_known_from <= $knownAt::timestamptz THEN i.version
                            ELSE 1
                          END AS version
                        FROM
                          incident i
                        WHERE
                          (i.tenant, i.application, i.environment_name, i.started_at) >= (h.tenant, h.application, h.environment_name, h.finished_at)
                          AND (i.tenant, i.application, i.environment_name, i.started_at) < (
                            h.tenant,
                            h.application,
                            h.environment_name,
                            coalesce(
                              (
                                SELECT
                                  next.finished_at
                                FROM
                                  (
                                    SELECT
                                      h.tenant,
                                      h.deployment_id,
                                      h.application,
                                      h.environment,
                                      h.image_tag,
                                      h.image,
                                      h.git_commit,
                                      h.git_branch,
                                      h.status,
                                      h.deployed_at,
                                      h.completed_at,
                                      h.rolled_back_at,
                                      h.rollback_reason,
                                      h.rollback_of,
                                      h.removed_at,
                                      h.failure_reason,
                                      h.actor,
                                      h.pipeline,
                                      h.commits,
                                      h.notes,
                                      h.migrations,
                                      h.unplanned,
                                      h.labels,
                                      h.during_freeze,
                                      h.environment_name,
                                      h.succeeded,
                                      h.finished_at,
                                      h.correlation_id,
                                      h.recorded_at,
                                      h.partition,
                                      h.recorded_seq,
                                      h.log_order,
                                      h.last_seq,
                                      h.version,
                                      h.recorded_bytes,
                                      h.known_from,
                                      h.finished_at AS reported_finish
                                    FROM
                                      (
                                        SELECT
                                          tenant,
                                          deployment_id,
                                          application,
                                          environment,
                                          image_tag,
                                          image,
                                          git_commit,
                                          git_branch,
                                          status,
                                          deployed_at,
                                          completed_at,
                                          rolled_back_at,
                                          rollback_reason,
                                          rollback_of,
                                          removed_at,
                                          failure_reason,
                                          actor,
                                          pipeline,
                                          commits,
                                          notes,
                                          migrations,
                                          unplanned,
                                          labels,
                                          during_freeze,
                                          environment_name,
                                          succeeded,
                                          finished_at,
                                          correlation_id,
                                          recorded_at,
                                          partition,
                                          recorded_seq,
                                          log_order,
                                          last_seq,
                                          version,
                                          recorded_bytes,
                                          known_from,
                                          'infinity'::timestamptz(3) AS known_until
                                        FROM
                                          deployment_history
                                        UNION ALL
                                        SELECT
                                          tenant,
                                          deployment_id,
                                          application,
                                          environment,
                                          image_tag,
                                          image,
                                          git_commit,
                                          git_branch,
                                          status,
                                          deployed_at,
                                          completed_at,
                                          rolled_back_at,
                                          rollback_reason,
                                          rollback_of,
                                          removed_at,
                                          failure_reason,
                                          actor,
                                          pipeline,
                                          commits,
                                          notes,
                                          migrations,
                                          unplanned,
                                          labels,
                                          during_freeze,
                                          environment_name,
                                          succeeded,
                                          finished_at,
                                          correlation_id,
                                          recorded_at,
                                          partition,
                                          recorded_seq,
                                          log_order,
                                          last_seq,
                                          version,
                                          recorded_bytes,
                                          known_from,
                                          known_until
                                        FROM
                                          deployment_superseded
                                      ) h
                                    WHERE
                                      true
                                      AND h.deployed_at <= $knownAt::timestamptz + interval '24 hours'
                                      AND h.known_from <= $knownAt::timestamptz
                                      AND h.known_until > $knownAt::timestamptz
                                  ) next
                                WHERE
                                  next.tenant = h.tenant
                                  AND next.application = h.application
                                  AND next.environment_name = h.environment_name
                                  AND (next.deployed_at, next.log_order) > (h.deployed_at, h.log_order)
                                  AND next.succeeded
                                  AND next.status = 'DEPLOYED'
                                ORDER BY
                                  next.deployed_at,
                                  next.log_order
                                LIMIT
                                  1
                              ),
                              'infinity'
                            )
                          )
                          AND i.named_deployment_id IS NULL
                          AND h.succeeded
                          AND i.recorded_at <= $knownAt::timestamptz
                          AND (
                            SELECT
                              active.deployment_id
                            FROM
                              (
                                SELECT
                                  latest.deployment_id,
                                  latest.application,
                                  latest.environment,
                                  latest.environment_name,
                                  latest.deployed_at
                                FROM
                                  (
                                    SELECT
                                      h.deployment_id,
                                      h.application,
                                      h.environment,
                                      h.environment_name,
                                      h.deployed_at,
                                      h.removed_at
                                    FROM
                                      (
                                        SELECT
                                          h.tenant,
                                          h.deployment_id,
                                          h.application,
                                          h.environment,
                                          h.image_tag,
                                          h.image,
                                          h.git_commit,
                                          h.git_branch,
                                          h.status,
                                          h.deployed_at,
                                          h.completed_at,
                                          h.rolled_back_at,
                                          h.rollback_reason,
                                          h.rollback_of,
                                          h.removed_at,
                                          h.failure_reason,
                                          h.actor,
                                          h.pipeline,
                                          h.commits,
                                          h.notes,
                                          h.migrations,
                                          h.unplanned,
                                          h.labels,
                                          h.during_freeze,
                                          h.environment_name,
                                          h.succeeded,
                                          h.finished_at,
                                          h.correlation_id,
                                          h.recorded_at,
                                          h.partition,
                                          h.recorded_seq,
                                          h.log_order,
                                          h.last_seq,
                                          h.version,
                                          h.recorded_bytes,
                                          h.known_from,
                                          h.finished_at AS reported_finish
                                        FROM
                                          (
                                            SELECT
                                              tenant,
                                              deployment_id,
                                              application,
                                              environment,
                                              image_tag,
                                              image,
                                              git_commit,
                                              git_branch,
                                              status,
                                              deployed_at,
                                              completed_at,
                                              rolled_back_at,
                                              rollback_reason,
                                              rollback_of,
                                              removed_at,
                                              failure_reason,
                                              actor,
                                              pipeline,
                                              commits,
                                              notes,
                                              migrations,
                                              unplanned,
                                              labels,
                                              during_freeze,
                                              environment_name,
                                              succeeded,
                                              finished_at,
                                              correlation_id,
                                              recorded_at,
                                              partition,
                                              recorded_seq,
                                              log_order,
                                              last_seq,
                                              version,
                                              recorded_bytes,
                                              known_from,
                                              'infinity'::timestamptz(3) AS known_until
                                            FROM
                                              deployment_history
                                            UNION ALL
                                            SELECT
                                              tenant,
                                              deployment_id,
                                              application,
                                              environment,
                                              image_tag,
                                              image,
                                              git_commit,
                                              git_branch,
                                              status,
                                              deployed_at,
                                              completed_at,
                                              rolled_back_at,
                                              rollback_reason,
                                              rollback_of,
                                              removed_at,
                                              failure_reason,
                                              actor,
                                              pipeline,
                                              commits,
                                              notes,
                                              migrations,
                                              unplanned,
                                              labels,
                                              during_freeze,
                                              environment_name,
                                              succeeded,
                                              finished_at,
                                              correlation_id,
                                              recorded_at,
                                              partition,
                                              recorded_seq,
                                              log_order,
                                              last_seq,
                                              version,
                                              recorded_bytes,
                                              known_from,
                                              known_until
                                            FROM
                                              deployment_superseded
                                          ) h
                                        WHERE
                                          true
                                          AND h.deployed_at <= $knownAt::timestamptz + interval '24 hours'
                                          AND h.known_from <= $knownAt::timestamptz
                                          AND h.known_until > $knownAt::timestamptz
                                      ) h
                                    WHERE
                                      h.tenant = i.tenant
                                      AND h.application = i.application
                                      AND h.environment_name = i.environment_name
                                      AND h.deployed_at <= i.started_at
                                      AND h.succeeded
                                      AND h.finished_at <= i.started_at
                                      AND (
                                        h.status = 'DEPLOYED'
                                        OR h.rolled_back_at > i.started_at
                                      )
                                    ORDER BY
                                      h.deployed_at DESC,
                                      h.log_order DESC
                                    LIMIT
                                      1
                                  ) latest
                                WHERE
                                  latest.removed_at IS NULL
                                  OR latest.removed_at > i.started_at
                              ) active
                          ) = h.deployment_id
                        ORDER BY
                          i.tenant DESC,
                          i.application DESC,
                          i.environment_name DESC,
                          i.started_at DESC,
                          i.log_order DESC
                        LIMIT
                          20
                      ) active
                  ) i
                ORDER BY
                  i.started_at DESC,
                  i.log_order DESC
                LIMIT
                  20
              ) i
          )
        END,
        ',"voidedAt":' || '"' || instant (h.voided_at) || '"',
        ',"actor":' || to_json(h.actor)::text,
        ',"pipeline":' || (h.pipeline)::text,
        ',"commits":' || (h.commits)::text,
        ',"notes":' || to_json(h.notes)::text,
        ',"migrations":' || (h.migrations)::text,
        ',"unplanned":' || (h.unplanned)::text,
        ',"labels":' || (h.labels)::text,
        ',"duringFreeze":' || to_json(h.during_freeze)::text,
        ',"overtakenBy":' || '"' || overtaking.deployment_id || '"',
        ',"contestedBy":' || '"' || contesting.deployment_id || '"',
        ',"recordedAt":' || '"' || instant (h.recorded_at) || '"',
        ',"position":' || '"' || h.partition || ':' || h.last_seq || '"',
        ',"version":' || (h.version)::text,
        '}'
      )
    FROM
      (
        SELECT
          h.tenant,
          h.deployment_id,
          h.application,
          h.environment,
          h.image_tag,
          h.image,
          h.git_commit,
          h.git_branch,
          h.status,
          h.deployed_at,
          h.completed_at,
          h.rolled_back_at,
          h.rollback_reason,
          h.rollback_of,
          h.removed_at,
          h.failure_reason,
          h.actor,
          h.pipeline,
          h.commits,
          h.notes,
          h.migrations,
          h.unplanned,
          h.labels,
          h.during_freeze,
          h.environment_name,
          h.succeeded,
          h.finished_at,
          h.correlation_id,
          h.recorded_at,
          h.partition,
          h.recorded_seq,
          h.log_order,
          h.last_seq,
          h.version,
          h.recorded_bytes,
          h.known_from,
          h.finished_at AS reported_finish,
          h.voided_at
        FROM
          (
            SELECT
              tenant,
              deployment_id,
              application,
              environment,
              image_tag,
              image,
              git_commit,
              git_branch,
              status,
              deployed_at,
              completed_at,
              rolled_back_at,
              rollback_reason,
              rollback_of,
              removed_at,
              failure_reason,
              actor,
              pipeline,
              commits,
              notes,
              migrations,
              unplanned,
              labels,
              during_freeze,
              environment_name,
              succeeded,
              finished_at,
              correlation_id,
              recorded_at,
              partition,
              recorded_seq,
              log_order,
              last_seq,
              version,
              recorded_bytes,
              known_from,
              'infinity'::timestamptz(3) AS known_until,
              NULL::timestamptz(3) AS voided_at
            FROM
              deployment_history
            UNION ALL
            SELECT
              tenant,
              deployment_id,
              application,
              environment,
              image_tag,
              image,
              git_commit,
              git_branch,
              status,
              deployed_at,
              completed_at,
              rolled_back_at,
              rollback_reason,
              rollback_of,
              removed_at,
              failure_reason,
              actor,
              pipeline,
              commits,
              notes,
              migrations,
              unplanned,
              labels,
              during_freeze,
              environment_name,
              succeeded,
              finished_at,
              correlation_id,
              recorded_at,
              partition,
              recorded_seq,
              log_order,
              last_seq,
              version,
              recorded_bytes,
              known_from,
              known_until,
              NULL::timestamptz(3)
            FROM
              deployment_superseded
            UNION ALL
            SELECT
              tenant,
              deployment_id,
              application,
              environment,
              image_tag,
              image,
              git_commit,
              git_branch,
              status,
              deployed_at,
              completed_at,
              rolled_back_at,
              rollback_reason,
              rollback_of,
              removed_at,
              failure_reason,
              actor,
              pipeline,
              commits,
              notes,
              migrations,
              unplanned,
              labels,
              during_freeze,
              environment_name,
              succeeded,
              finished_at,
              correlation_id,
              recorded_at,
              partition,
              recorded_seq,
              log_order,
              last_seq,
              version,
              recorded_bytes,
              known_from,
              'infinity'::timestamptz(3),
              voided_at
            FROM
              deployment_voided
          ) h
        WHERE
          true
          AND h.deployed_at <= $knownAt::timestamptz + interval '24 hours'
          AND h.known_from <= $knownAt::timestamptz
          AND h.known_until > $knownAt::timestamptz
      ) h
      LEFT JOIN LATERAL (
        SELECT
          active.deployment_id
        FROM
          (
            SELECT
              CASE
                WHEN latest.removed_at IS NULL THEN latest.deployment_id
              END AS deployment_id
            FROM
              (
                SELECT
                  h.tenant,
                  h.deployment_id,
                  h.application,
                  h.environment,
                  h.image_tag,
                  h.image,
                  h.git_commit,
                  h.git_branch,
                  h.status,
                  h.deployed_at,
                  h.completed_at,
                  h.rolled_back_at,
                  h.rollback_reason,
                  h.rollback_of,
                  h.removed_at,
                  h.failure_reason,
                  h.actor,
                  h.pipeline,
                  h.commits,
                  h.notes,
                  h.migrations,
                  h.unplanned,
                  h.labels,
                  h.during_freeze,
                  h.environment_name,
                  h.succeeded,
                  h.finished_at,
                  h.correlation_id,
                  h.recorded_at,
                  h.partition,
                  h.recorded_seq,
                  h.log_order,
                  h.last_seq,
                  h.version,
                  h.recorded_bytes,
                  h.known_from,
                  h.finished_at AS reported_finish
                FROM
                  (
                    SELECT
                      tenant,
                      deployment_id,
                      application,
                      environment,
                      image_tag,
                      image,
                      git_commit,
                      git_branch,
                      status,
                      deployed_at,
                      completed_at,
                      rolled_back_at,
                      rollback_reason,
                      rollback_of,
                      removed_at,
                      failure_reason,
                      actor,
                      pipeline,
                      commits,
                      notes,
                      migrations,
                      unplanned,
                      labels,
                      during_freeze,
                      environment_name,
                      succeeded,
                      finished_at,
                      correlation_id,
                      recorded_at,
                      partition,
                      recorded_seq,
                      log_order,
                      last_seq,
                      version,
                      recorded_bytes,
                      known_from,
                      'infinity'::timestamptz(3) AS known_until
                    FROM
                      deployment_history
                    UNION ALL
                    SELECT
                      tenant,
                      deployment_id,
                      application,
                      environment,
                      image_tag,
                      image,
                      git_commit,
                      git_branch,
                      status,
                      deployed_at,
                      completed_at,
                      rolled_back_at,
                      rollback_reason,
                      rollback_of,
                      removed_at,
                      failure_reason,
                      actor,
                      pipeline,
                      commits,
                      notes,
                      migrations,
                      unplanned,
                      labels,
                      during_freeze,
                      environment_name,
                      succeeded,
                      finished_at,
                      correlation_id,
                      recorded_at,
                      partition,
                      recorded_seq,
                      log_order,
                      last_seq,
                      version,
                      recorded_bytes,
                      known_from,
                      known_until
                    FROM
                      deployment_superseded
                  ) h
                WHERE
                  true
                  AND h.deployed_at <= $knownAt::timestamptz + interval '24 hours'
                  AND h.known_from <= $knownAt::timestamptz
                  AND h.known_until > $knownAt::timestamptz
              ) latest
            WHERE
              latest.tenant = h.tenant
              AND latest.application = h.application
              AND latest.environment_name = h.environment_name
              AND latest.succeeded
              AND latest.status = 'DEPLOYED'
              AND h.status = 'DEPLOYED'
            ORDER BY
              latest.deployed_at DESC,
              latest.log_order DESC
            LIMIT
              1
          ) active
        WHERE
          active.deployment_id = h.deployment_id
      ) current ON true
      LEFT JOIN LATERAL (
        SELECT
          later.deployment_id
        FROM
          (
            SELECT
              h.tenant,
              h.deployment_id,
              h.application,
              h.environment,
              h.image_tag,
              h.image,
              h.git_commit,
              h.git_branch,
              h.status,
              h.deployed_at,
              h.completed_at,
              h.rolled_back_at,
              h.rollback_reason,
              h.rollback_of,
              h.removed_at,
              h.failure_reason,
              h.actor,
              h.pipeline,
              h.commits,
              h.notes,
              h.migrations,
              h.unplanned,
              h.labels,
              h.during_freeze,
              h.environment_name,
              h.succeeded,
              h.finished_at,
              h.correlation_id,
              h.recorded_at,
              h.partition,
              h.recorded_seq,
              h.log_order,
              h.last_seq,
              h.version,
              h.recorded_bytes,
              h.known_from,
              h.finished_at AS reported_finish
            FROM
              (
                SELECT
                  tenant,
                  deployment_id,
                  application,
                  environment,
                  image_tag,
                  image,
                  git_commit,
                  git_branch,
                  status,
                  deployed_at,
                  completed_at,
                  rolled_back_at,
                  rollback_reason,
                  rollback_of,
                  removed_at,
                  failure_reason,
                  actor,
                  pipeline,
                  commits,
                  notes,
                  migrations,
                  unplanned,
                  labels,
                  during_freeze,
                  environment_name,
                  succeeded,
                  finished_at,
                  correlation_id,
                  recorded_at,
                  partition,
                  recorded_seq,
                  log_order,
                  last_seq,
                  version,
                  recorded_bytes,
                  known_from,
                  'infinity'::timestamptz(3) AS known_until
                FROM
                  deployment_history
                UNION ALL
                SELECT
                  tenant,
                  deployment_id,
                  application,
                  environment,
                  image_tag,
                  image,
                  git_commit,
                  git_branch,
                  status,
                  deployed_at,
                  completed_at,
                  rolled_back_at,
                  rollback_reason,
                  rollback_of,
                  removed_at,
                  failure_reason,
                  actor,
                  pipeline,
                  commits,
                  notes,
                  migrations,
                  unplanned,
                  labels,
                  during_freeze,
                  environment_name,
                  succeeded,
                  finished_at,
                  correlation_id,
                  recorded_at,
                  partition,
                  recorded_seq,
                  log_order,
                  last_seq,
                  version,
                  recorded_bytes,
                  known_from,
                  known_until
                FROM
                  deployment_superseded
              ) h
            WHERE
              true
              AND h.known_from <= $knownAt::timestamptz
              AND h.known_until > $knownAt::timestamptz
          ) later
        WHERE
          h.succeeded
          AND h.finished_at > h.deployed_at
          AND (later.tenant, later.application, later.environment_name, later.deployed_at) > (h.tenant, h.application, h.environment_name, h.deployed_at)
          AND (later.tenant, later.application, later.environment_name, later.deployed_at) < (h.tenant, h.application, h.environment_name, h.finished_at)
          AND later.succeeded
          AND later.reported_finish < h.finished_at
        ORDER BY
          later.tenant DESC,
          later.application DESC,
          later.environment_name DESC,
          later.deployed_at DESC,
          later.log_order DESC
        LIMIT
          1
      ) overtaking ON true
      LEFT JOIN LATERAL (
        SELECT
          earlier.deployment_id
        FROM
          (
            SELECT
              h.tenant,
              h.deployment_id,
              h.application,
              h.environment,
              h.image_tag,
              h.image,
              h.git_commit,
              h.git_branch,
              h.status,
              h.deployed_at,
              h.completed_at,
              h.rolled_back_at,
              h.rollback_reason,
              h.rollback_of,
              h.removed_at,
              h.failure_reason,
              h.actor,
              h.pipeline,
              h.commits,
              h.notes,
              h.migrations,
              h.unplanned,
              h.labels,
              h.during_freeze,
              h.environment_name,
              h.succeeded,
              h.finished_at,
              h.correlation_id,
              h.recorded_at,
              h.partition,
              h.recorded_seq,
              h.log_order,
              h.last_seq,
              h.version,
              h.recorded_bytes,
              h.known_from,
              h.finished_at AS reported_finish
            FROM
              (
                SELECT
                  tenant,
                  deployment_id,
                  application,
                  environment,
                  image_tag,
                  image,
                  git_commit,
                  git_branch,
                  status,
                  deployed_at,
                  completed_at,
                  rolled_back_at,
                  rollback_reason,
                  rollback_of,
                  removed_at,
                  failure_reason,
                  actor,
                  pipeline,
                  commits,
                  notes,
                  migrations,
                  unplanned,
                  labels,
                  during_freeze,
                  environment_name,
                  succeeded,
                  finished_at,
                  correlation_id,
                  recorded_at,
                  partition,
                  recorded_seq,
                  log_order,
                  last_seq,
                  version,
                  recorded_bytes,
                  known_from,
                  'infinity'::timestamptz(3) AS known_until
                FROM
                  deployment_history
                UNION ALL
                SELECT
                  tenant,
                  deployment_id,
                  application,
                  environment,
                  image_tag,
                  image,
                  git_commit,
                  git_branch,
                  status,
                  deployed_at,
                  completed_at,
                  rolled_back_at,
                  rollback_reason,
                  rollback_of,
                  removed_at,
                  failure_reason,
                  actor,
                  pipeline,
                  commits,
                  notes,
                  migrations,
                  unplanned,
                  labels,
                  during_freeze,
                  environment_name,
                  succeeded,
                  finished_at,
                  correlation_id,
                  recorded_at,
                  partition,
                  recorded_seq,
                  log_order,
                  last_seq,
                  version,
                  recorded_bytes,
                  known_from,
                  known_until
                FROM
                  deployment_superseded
              ) h
            WHERE
              true
              AND h.known_from <= $knownAt::timestamptz
              AND h.known_until > $knownAt::timestamptz
          ) earlier
        WHERE
          current.deployment_id IS NOT NULL
          AND earlier.tenant = h.tenant
          AND earlier.application = h.application
          AND earlier.environment_name = h.environment_name
          AND earlier.succeeded
          AND earlier.status = 'DEPLOYED'
          AND earlier.removed_at IS NULL
          AND earlier.reported_finish > earlier.deployed_at
          AND earlier.reported_finish > h.finished_at
          AND earlier.deployed_at < h.deployed_at
        ORDER BY
          earlier.reported_finish DESC,
          earlier.deployed_at DESC,
          earlier.log_order DESC
        LIMIT
          1
      ) contesting ON true
      LEFT JOIN LATERAL (
        SELECT
          replaced.deployment_id
        FROM
          (
            SELECT
              first.deployed_at,
              first.log_order
            FROM
              (
                SELECT
                  h.tenant,
                  h.deployment_id,
                  h.application,
                  h.environment,
                  h.image_tag,
                  h.image,
                  h.git_commit,
                  h.git_branch,
                  h.status,
                  h.deployed_at,
                  h.completed_at,
                  h.rolled_back_at,
                  h.rollback_reason,
                  h.rollback_of,
                  h.removed_at,
                  h.failure_reason,
                  h.actor,
                  h.pipeline,
                  h.commits,
                  h.notes,
                  h.migrations,
                  h.unplanned,
                  h.labels,
                  h.during_freeze,
                  h.environment_name,
                  h.succeeded,
                  h.finished_at,
                  h.correlation_id,
                  h.recorded_at,
                  h.partition,
                  h.recorded_seq,
                  h.log_order,
                  h.last_seq,
                  h.version,
                  h.recorded_bytes,
                  h.known_from,
                  h.finished_at AS reported_finish
                FROM
                  (
                    SELECT
                      tenant,
                      deployment_id,
                      application,
                      environment,
                      image_tag,
                      image,
                      git_commit,
                      git_branch,
                      status,
                      deployed_at,
                      completed_at,
                      rolled_back_at,
                      rollback_reason,
                      rollback_of,
                      removed_at,
                      failure_reason,
                      actor,
                      pipeline,
                      commits,
                      notes,
                      migrations,
                      unplanned,
                      labels,
                      during_freeze,
                      environment_name,
                      succeeded,
                      finished_at,
                      correlation_id,
                      recorded_at,
                      partition,
                      recorded_seq,
                      log_order,
                      last_seq,
                      version,
                      recorded_bytes,
                      known_from,
                      'infinity'::timestamptz(3) AS known_until
                    FROM
                      deployment_history
                    UNION ALL
                    SELECT
                      tenant,
                      deployment_id,
                      application,
                      environment,
                      image_tag,
                      image,
                      git_commit,
                      git_branch,
                      status,
                      deployed_at,
                      completed_at,
                      rolled_back_at,
                      rollback_reason,
                      rollback_of,
                      removed_at,
                      failure_reason,
                      actor,
                      pipeline,
                      commits,
                      notes,
                      migrations,
                      unplanned,
                      labels,
                      during_freeze,
                      environment_name,
                      succeeded,
                      finished_at,
                      correlation_id,
                      recorded_at,
                      partition,
                      recorded_seq,
                      log_order,
                      last_seq,
                      version,
                      recorded_bytes,
                      known_from,
                      known_until
                    FROM
                      deployment_superseded
                  ) h
                WHERE
                  true
                  AND h.known_from <= $knownAt::timestamptz
                  AND h.known_until > $knownAt::timestamptz
              ) first
            WHERE
              (first.tenant, first.image_tag, first.application, first.environment_name) >= (h.tenant, h.image_tag, h.application, h.environment_name)
              AND (first.tenant, first.image_tag, first.application, first.environment_name, first.deployed_at, first.log_order) < (h.tenant, h.image_tag, h.application, h.environment_name, h.deployed_at, h.log_order)
              AND first.succeeded
              AND h.succeeded
              AND h.rollback_of IS NULL
            ORDER BY
              first.tenant,
              first.image_tag,
              first.application,
              first.environment_name,
              first.deployed_at,
              first.log_order
            LIMIT
              1
          ) own_first
          CROSS JOIN LATERAL (
            SELECT
              before.*
            FROM
              (
                SELECT
                  h.tenant,
                  h.deployment_id,
                  h.application,
                  h.environment,
                  h.image_tag,
                  h.image,
                  h.git_commit,
                  h.git_branch,
                  h.status,
                  h.deployed_at,
                  h.completed_at,
                  h.rolled_back_at,
                  h.rollback_reason,
                  h.rollback_of,
                  h.removed_at,
                  h.failure_reason,
                  h.actor,
                  h.pipeline,
                  h.commits,
                  h.notes,
                  h.migrations,
                  h.unplanned,
                  h.labels,
                  h.during_freeze,
                  h.environment_name,
                  h.succeeded,
                  h.finished_at,
                  h.correlation_id,
                  h.recorded_at,
                  h.partition,
                  h.recorded_seq,
                  h.log_order,
                  h.last_seq,
                  h.version,
                  h.recorded_bytes,
                  h.known_from,
                  h.finished_at AS reported_finish
                FROM
                  (
                    SELECT
                      tenant,
                      deployment_id,
                      application,
                      environment,
                      image_tag,
                      image,
                      git_commit,
                      git_branch,
                      status,
                      deployed_at,
                      completed_at,
                      rolled_back_at,
                      rollback_reason,
                      rollback_of,
                      removed_at,
                      failure_reason,
                      actor,
                      pipeline,
                      commits,
                      notes,
                      migrations,
                      unplanned,
                      labels,
                      during_freeze,
                      environment_name,
                      succeeded,
                      finished_at,
                      correlation_id,
                      recorded_at,
                      partition,
                      recorded_seq,
                      log_order,
                      last_seq,
                      version,
                      recorded_bytes,
                      known_from,
                      'infinity'::timestamptz(3) AS known_until
                    FROM
                      deployment_history
                    UNION ALL
                    SELECT
                      tenant,
                      deployment_id,
                      application,
                      environment,
                      image_tag,
                      image,
                      git_commit,
                      git_branch,
                      status,
                      deployed_at,
                      completed_at,
                      rolled_back_at,
                      rollback_reason,
                      rollback_of,
                      removed_at,
                      failure_reason,
                      actor,
                      pipeline,
                      commits,
                      notes,
                      migrations,
                      unplanned,
                      labels,
                      during_freeze,
                      environment_name,
                      succeeded,
                      finished_at,
                      correlation_id,
                      recorded_at,
                      partition,
                      recorded_seq,
                      log_order,
                      last_seq,
                      version,
                      recorded_bytes,
                      known_from,
                      known_until
                    FROM
                      deployment_superseded
                  ) h
                WHERE
                  true
                  AND h.known_from <= $knownAt::timestamptz
                  AND h.known_until > $knownAt::timestamptz
              ) before
            WHERE
              (before.tenant, before.application, before.environment_name, before.deployed_at, before.log_order) < (h.tenant, h.application, h.environment_name, h.deployed_at, h.log_order)
              AND (before.tenant, before.application, before.environment_name) >= (h.tenant, h.application, h.environment_name)
              AND before.succeeded
              AND (own_first.deployed_at, own_first.log_order) < (h.deployed_at, h.log_order)
            ORDER BY
              before.tenant DESC,
              before.application DESC,
              before.environment_name DESC,
              before.deployed_at DESC,
              before.log_order DESC
            LIMIT
              1
          ) replaced
          CROSS JOIN LATERAL (
            SELECT
              first.deployed_at,
              first.log_order
            FROM
              (
                SELECT
                  h.tenant,
                  h.deployment_id,
                  h.application,
                  h.environment,
                  h.image_tag,
                  h.image,
                  h.git_commit,
                  h.git_branch,
                  h.status,
                  h.deployed_at,
                  h.completed_at,
                  h.rolled_back_at,
                  h.rollback_reason,
                  h.rollback_of,
                  h.removed_at,
                  h.failure_reason,
                  h.actor,
                  h.pipeline,
                  h.commits,
                  h.notes,
                  h.migrations,
                  h.unplanned,
                  h.labels,
                  h.during_freeze,
                  h.environment_name,
                  h.succeeded,
                  h.finished_at,
                  h.correlation_id,
                  h.recorded_at,
                  h.partition,
                  h.recorded_seq,
                  h.log_order,
                  h.last_seq,
                  h.version,
                  h.recorded_bytes,
                  h.known_from,
                  h.finished_at AS reported_finish
                FROM
                  (
                    SELECT
                      tenant,
                      deployment_id,
                      application,
                      environment,
                      image_tag,
                      image,
                      git_commit,
                      git_branch,
                      status,
                      deployed_at,
                      completed_at,
                      rolled_back_at,
                      rollback_reason,
                      rollback_of,
                      removed_at,
                      failure_reason,
                      actor,
                      pipeline,
                      commits,
                      notes,
                      migrations,
                      unplanned,
                      labels,
                      during_freeze,
                      environment_name,
                      succeeded,
                      finished_at,
                      correlation_id,
                      recorded_at,
                      partition,
                      recorded_seq,
                      log_order,
                      last_seq,
                      version,
                      recorded_bytes,
                      known_from,
                      'infinity'::timestamptz(3) AS known_until
                    FROM
                      deployment_history
                    UNION ALL
                    SELECT
                      tenant,
                      deployment_id,
                      application,
                      environment,
                      image_tag,
                      image,
                      git_commit,
                      git_branch,
                      status,
                      deployed_at,
                      completed_at,
                      rolled_back_at,
                      rollback_reason,
                      rollback_of,
                      removed_at,
                      failure_reason,
                      actor,
                      pipeline,
                      commits,
                      notes,
                      migrations,
                      unplanned,
                      labels,
                      during_freeze,
                      environment_name,
                      succeeded,
                      finished_at,
                      correlation_id,
                      recorded_at,
                      partition,
                      recorded_seq,
                      log_order,
                      last_seq,
                      version,
                      recorded_bytes,
                      known_from,
                      known_until
                    FROM
                      deployment_superseded
                  ) h
                WHERE
                  true
                  AND h.known_from <= $knownAt::timestamptz
                  AND h.known_until > $knownAt::timestamptz
              ) first
            WHERE
              (first.tenant, first.image_tag, first.application, first.environment_name) >= (replaced.tenant, replaced.image_tag, replaced.application, replaced.environment_name)
              AND (first.tenant, first.image_tag, first.application, first.environment_name) <= (replaced.tenant, replaced.image_tag, replaced.application, replaced.environment_name)
              AND first.succeeded
              AND (own_first.deployed_at, own_first.log_order) < (replaced.deployed_at, replaced.log_order)
            ORDER BY
              first.tenant,
              first.image_tag,
              first.application,
              first.environment_name,
              first.deployed_at,
              first.log_order
            LIMIT
              1
          ) replaced_first
        WHERE
          (own_first.deployed_at, own_first.log_order) < (replaced_first.deployed_at, replaced_first.log_order)
      ) undone ON true
    WHERE
      h.tenant = $tenant
      AND h.deployment_id = $id
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
