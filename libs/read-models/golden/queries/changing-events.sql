-- changing events

SELECT
  e.partition || ':' || e.seq AS position,
  e.event_id AS "eventId",
  e.type,
  e.deployment_id AS "deploymentId",
  h.application,
  instant (e.time) AS time,
  instant (e.recorded_at) AS "recordedAt"
FROM
  unnest($ids::uuid[], $versions::integer[]) WITH ORDINALITY AS changing (deployment_id, version, n)
  JOIN deployment_event e ON e.tenant = $tenant
  AND e.deployment_id = changing.deployment_id
  AND e.version = changing.version
  JOIN deployment_history h ON h.tenant = $tenant
  AND h.deployment_id = e.deployment_id
ORDER BY
  changing.n
