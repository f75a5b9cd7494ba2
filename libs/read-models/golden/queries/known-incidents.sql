-- known incidents

SELECT
  i.application,
  i.environment_name AS environment,
  i.incident_id AS id,
  i.named_deployment_id AS named,
  milliseconds (i.started_at) AS start,
  milliseconds (i.resolved_at) AS "resolvedAt",
  milliseconds (i.recorded_at) AS "openedMs",
  milliseconds (i.resolution_known_from) AS "resolvedMs",
  i.partition,
  i.recorded_seq::float8 AS "openedSeq",
  i.last_seq::float8 AS "lastSeq"
FROM
  incident i
WHERE
  i.tenant = $tenant
  AND i.application = ANY ($applications)
  AND i.environment_name = ANY ($environments)
ORDER BY
  i.application,
  i.started_at,
  i.log_order
LIMIT
  $most::integer
