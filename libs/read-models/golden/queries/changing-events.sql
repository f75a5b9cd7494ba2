-- changing events

WITH
  changing AS MATERIALIZED (
    SELECT
      *
    FROM
      unnest($changing_deployment_id::uuid[], $changing_incident_id::text[], $changing_version::integer[]) WITH ORDINALITY AS changing (deployment_id, incident_id, version, n)
  )
SELECT
  event
FROM
  (
    SELECT
      changing.n,
      json_strip_nulls(
        json_build_object(
          'position',
          e.partition || ':' || e.seq,
          'eventId',
          e.event_id,
          'type',
          e.type,
          'deploymentId',
          e.deployment_id,
          'incidentId',
          NULL,
          'application',
          h.application,
          'time',
          instant (e.time),
          'recordedAt',
          instant (e.recorded_at)
        )
      ) AS event
    FROM
      changing
      JOIN deployment_event e ON e.tenant = $tenant
      AND e.deployment_id = changing.deployment_id
      AND e.version = changing.version
      JOIN (
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
          inferred_rollback_of,
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
          NULL::uuid,
          voided_at
        FROM
          deployment_voided
      ) h ON h.tenant = $tenant
      AND h.deployment_id = e.deployment_id
    UNION ALL
    SELECT
      changing.n,
      json_strip_nulls(
        json_build_object(
          'position',
          e.partition || ':' || e.seq,
          'eventId',
          e.event_id,
          'type',
          e.type,
          'deploymentId',
          i.deployment_id,
          'incidentId',
          e.incident_id,
          'application',
          i.application,
          'time',
          instant (e.time),
          'recordedAt',
          instant (e.recorded_at)
        )
      )
    FROM
      changing
      JOIN incident_event e ON e.tenant = $tenant
      AND e.incident_id = changing.incident_id
      AND e.version = changing.version
      JOIN incident i ON i.tenant = $tenant
      AND i.incident_id = e.incident_id
  ) presented
ORDER BY
  n
