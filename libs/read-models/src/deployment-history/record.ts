const samePlace = (a: string, b: string) =>
  `${a}.tenant = ${b}.tenant AND ${a}.application = ${b}.application AND ${a}.environment_name = ${b}.environment_name`

/**
 * SQL: what a record says beyond its own row `h`. `current` is there where it is what runs.
 * - `overtaking`: of the successes that started later and finished earlier, the one that started last. It started before this one
 *   had finished, so only so much of the index is read.
 * - `contesting`: of the successes, not rolled back, that started before what runs and finished after it, the one that
 *   finished last.
 */
export const recordJoins = `
  LEFT JOIN read_v1.deployment_current current ON ${samePlace('current', 'h')} AND current.deployment_id = h.deployment_id
  LEFT JOIN LATERAL (
    SELECT later.deployment_id FROM read_v1.deployment_history later
    WHERE h.succeeded AND h.finished_at > h.deployed_at AND ${samePlace('later', 'h')} AND later.succeeded
      AND later.deployed_at > h.deployed_at AND later.deployed_at < h.finished_at AND later.finished_at < h.finished_at
    ORDER BY later.deployed_at DESC, later.log_order DESC LIMIT 1
  ) overtaking ON true
  LEFT JOIN LATERAL (
    SELECT earlier.deployment_id FROM read_v1.deployment_history earlier
    WHERE current.deployment_id IS NOT NULL AND ${samePlace('earlier', 'h')} AND earlier.status = 'DEPLOYED'
      AND earlier.finished_at > earlier.deployed_at AND earlier.finished_at > h.finished_at
      AND earlier.deployed_at < h.deployed_at
    ORDER BY earlier.finished_at DESC, earlier.deployed_at DESC, earlier.log_order DESC LIMIT 1
  ) contesting ON true`

/** SQL: a record as the API has it, of a row `h` and its `recordJoins`. Absent values are left out. */
export const recordJson = `
  json_strip_nulls(json_build_object(
    'id', h.deployment_id, 'application', h.application, 'environment', h.environment, 'imageTag', h.image_tag,
    'image', h.image, 'gitCommit', h.git_commit, 'gitBranch', h.git_branch, 'status', h.status,
    'active', current.deployment_id IS NOT NULL,
    'deployedAt', read_v1.instant(h.deployed_at), 'completedAt', read_v1.instant(h.completed_at),
    'durationSeconds', trim_scale(extract(epoch FROM h.completed_at - h.deployed_at)),
    'rolledBackAt', read_v1.instant(h.rolled_back_at), 'rollbackReason', h.rollback_reason,
    'rollbackOf', coalesce(h.rollback_of, h.inferred_rollback_of),
    'rollbackDetected', CASE WHEN h.rollback_of IS NOT NULL THEN 'reported'
      WHEN h.inferred_rollback_of IS NOT NULL THEN 'inferred' END,
    'actor', h.actor, 'pipeline', h.pipeline, 'commits', h.commits, 'notes', h.notes, 'migrations', h.migrations,
    'unplanned', h.unplanned, 'labels', h.labels, 'overtakenBy', overtaking.deployment_id,
    'contestedBy', contesting.deployment_id, 'recordedAt', read_v1.instant(h.recorded_at),
    'position', h.partition || ':' || h.last_seq, 'version', h.version))`
