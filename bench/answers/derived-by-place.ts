const place = 'tenant, application, environment_name'
const milliseconds = (from: string, to: string) => `(extract(epoch FROM ${to} - ${from}) * 1000)::bigint`

/**
 * The active deployment at each instant at which a deployment finished or was rolled back: of the successes that were not rolled back by
 * then, the one that started last. A change starts an interval.
 */
export const INTERVALS = `
  WITH point AS (
    SELECT ${place}, finished_at AS at FROM deployment_history WHERE succeeded AND partition = ANY ($1)
    UNION ALL SELECT ${place}, rolled_back_at FROM deployment_history
    WHERE succeeded AND rolled_back_at IS NOT NULL AND partition = ANY ($1)
  ), seen AS (
    SELECT ${place}, at, running.* FROM point LEFT JOIN LATERAL (
      SELECT h.deployment_id, h.image_tag, h.deployed_at, h.log_order, h.finished_at, h.rolled_back_at
      FROM deployment_history h
      WHERE (h.tenant, h.application, h.environment_name) = (point.tenant, point.application, point.environment_name)
        AND h.succeeded AND h.deployed_at <= point.at AND h.finished_at <= point.at
        AND (h.status = 'DEPLOYED' OR h.rolled_back_at > point.at)
      ORDER BY h.deployed_at DESC, h.log_order DESC LIMIT 1
    ) running ON true
  ), changed AS (
    SELECT seen.*, lag(deployment_id) OVER place AS id_before, lag(rolled_back_at) OVER place AS end_before,
      lag(log_order) OVER place AS order_before, lag(image_tag) OVER place AS tag_before
    FROM seen WINDOW place AS (PARTITION BY ${place} ORDER BY at)
  )
  INSERT INTO deployment_interval (${place}, from_at, deployment_id, image_tag, deployed_at, log_order, by_rollback, new_tag, removed)
  SELECT ${place}, at, deployment_id, image_tag, deployed_at, log_order,
    coalesce(end_before = at, false) AND NOT coalesce(finished_at = at AND log_order > order_before, false),
    image_tag IS NOT NULL AND image_tag IS DISTINCT FROM tag_before, false
  FROM changed WHERE deployment_id IS DISTINCT FROM id_before`

/** The contributions of each deployment to the metrics, in the order of finishes. */
export const METRICS = `
  WITH deployment AS (
    SELECT ${place}, finished_at, log_order, deployment_id, image_tag, status, succeeded, unplanned, deployed_at, completed_at,
      min(finished_at) FILTER (WHERE succeeded) OVER later AS next_success,
      succeeded AND row_number() OVER of_tag = 1 AS first_of_tag
    FROM deployment_history WHERE status <> 'PENDING' AND partition = ANY ($1)
    WINDOW of_tag AS (PARTITION BY ${place}, image_tag, succeeded ORDER BY finished_at, log_order),
      later AS (PARTITION BY ${place} ORDER BY finished_at DESC, log_order DESC
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
  ), origin AS (
    SELECT tenant, application, image_tag, finished_at AS at FROM deployment
    WHERE environment_name = 'dev' AND first_of_tag
  ), undone AS (
    SELECT DISTINCT ON (${place}, deployment_id) ${place}, deployment_id, kind FROM (
      SELECT ${place}, rollback_of AS deployment_id, 'reported' AS kind FROM deployment_history
      WHERE succeeded AND rollback_of <> deployment_id AND partition = ANY ($1)
      UNION ALL SELECT ${place}, inferred_rollback_of, 'inferred' FROM deployment_history
      WHERE inferred_rollback_of IS NOT NULL AND partition = ANY ($1)
    ) AS named ORDER BY ${place}, deployment_id, kind DESC
  ), arrival AS (
    SELECT DISTINCT ON (h.tenant, h.application, h.environment_name, c.sha) h.log_order, c.sha, c.committed_at,
      ${milliseconds('c.committed_at', 'h.finished_at')} AS lead_ms
    FROM deployment_commit c JOIN deployment_history h ON h.tenant = c.tenant AND h.deployment_id = c.deployment_id
    WHERE h.succeeded AND c.committed_at IS NOT NULL AND h.partition = ANY ($1)
    ORDER BY h.tenant, h.application, h.environment_name, c.sha, h.finished_at, h.log_order
  ), arrived AS (
    SELECT log_order, array_agg(lead_ms ORDER BY sha) AS leads FROM arrival GROUP BY log_order
  ), judged AS (
    SELECT deployment.*, origin.at AS origin_at, coalesce(leads, '{}') AS leads,
      CASE status WHEN 'CANCELLED' THEN NULL WHEN 'FAILED' THEN 'failed' WHEN 'ROLLED_BACK' THEN 'reported' ELSE undone.kind END AS failure_kind
    FROM deployment
    LEFT JOIN undone USING (${place}, deployment_id)
    LEFT JOIN arrived USING (log_order)
    LEFT JOIN origin ON first_of_tag AND origin.tenant = deployment.tenant AND origin.application = deployment.application
      AND origin.image_tag = deployment.image_tag AND origin.at <= deployment.finished_at
  )
  INSERT INTO deployment_metric (${place}, finished_at, log_order, deployment_id, image_tag, succeeded, cancelled, failure_kind, unplanned,
    duration_ms, recovered_at, promotion_lead_ms, commit_lead_ms)
  SELECT ${place}, finished_at, log_order, deployment_id, image_tag, succeeded, status = 'CANCELLED', failure_kind,
    coalesce(unplanned AND status <> 'CANCELLED', false),
    CASE WHEN succeeded THEN ${milliseconds('deployed_at', 'completed_at')} END, CASE WHEN failure_kind IS NOT NULL THEN next_success END,
    ${milliseconds('origin_at', 'finished_at')}, leads
  FROM judged ORDER BY finished_at`
