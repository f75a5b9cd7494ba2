import { METRICS, INTERVALS } from './derived-by-place.js'
import { HISTOGRAMS, COUNTERS, VALUES } from './derived-sums.js'

/** Rows derived from those of deployment_history, equal to those that the projector derives event by event. */
export interface Derivation {
  table: string
  /** @param $1 `partition`: those that the deployments are in, which hold whole applications; `environment`: names of environments */
  text: string
  by: 'partition' | 'environment'
}

/** A success replaces the previous one; it goes back to an older version if its tag first succeeded there before the tag of the replaced one did. */
export const INFER_ROLLBACKS = `
  WITH success AS (
    SELECT ctid AS row, tenant, application, environment_name, deployment_id, image_tag, rollback_of, row_number() OVER place AS n
    FROM deployment_history WHERE succeeded AND partition = ANY ($1)
    WINDOW place AS (PARTITION BY tenant, application, environment_name ORDER BY deployed_at, log_order)
  ), ranked AS (
    SELECT success.*, min(n) OVER (PARTITION BY tenant, application, environment_name, image_tag) AS first FROM success
  ), judged AS (
    SELECT row, CASE WHEN rollback_of IS NULL AND first < lag(first) OVER place THEN lag(deployment_id) OVER place END AS replaced
    FROM ranked WINDOW place AS (PARTITION BY tenant, application, environment_name ORDER BY n)
  )
  UPDATE deployment_history h SET inferred_rollback_of = replaced FROM judged WHERE replaced IS NOT NULL AND h.ctid = row`

const CURRENT = `
  INSERT INTO deployment_current (tenant, application, environment_name, deployment_id)
  SELECT place.*, running.deployment_id
  FROM (SELECT DISTINCT tenant, application, environment_name FROM deployment_history WHERE partition = ANY ($1)) place
  CROSS JOIN LATERAL (
    SELECT h.deployment_id FROM deployment_history h
    WHERE (h.tenant, h.application, h.environment_name) = (place.tenant, place.application, place.environment_name)
      AND h.status = 'DEPLOYED'
    ORDER BY h.deployed_at DESC, h.log_order DESC LIMIT 1
  ) running`

// The second event of a deployment is always its rollback.
const SUPERSEDED = `
  INSERT INTO deployment_superseded
    (tenant, deployment_id, application, environment, environment_name, image_tag, git_commit, git_branch, status, succeeded,
     deployed_at, completed_at, finished_at, rollback_of, actor, commits, unplanned, correlation_id, recorded_at, partition,
     recorded_seq, log_order, last_seq, version, recorded_bytes, known_from, known_until)
  SELECT tenant, deployment_id, application, environment, environment_name, image_tag, git_commit, git_branch, 'DEPLOYED', true,
    deployed_at, completed_at, finished_at, rollback_of, actor, commits, unplanned, correlation_id, recorded_at, partition,
    recorded_seq, log_order, recorded_seq, 1, recorded_bytes / 2, recorded_at, known_from
  FROM deployment_history WHERE version = 2 AND partition = ANY ($1)`

const COMMITS = `
  INSERT INTO deployment_commit
    (tenant, sha, application, environment_name, succeeded, finished_at, log_order, deployment_id, committed_at)
  SELECT tenant, sha, application, environment_name, succeeded, finished_at, log_order, deployment_id, committed_at
  FROM deployment_history CROSS JOIN LATERAL (
    SELECT brought ->> 'sha' AS sha, (brought ->> 'committedAt')::timestamptz AS committed_at FROM json_array_elements(commits) AS brought
    UNION ALL SELECT git_commit, NULL WHERE commits IS NULL AND git_commit IS NOT NULL
  ) AS of_deployment
  WHERE partition = ANY ($1)`

/** In this order, since some depend on others. */
export const derivations: Derivation[] = [
  { table: 'deployment_current', text: CURRENT, by: 'partition' },
  { table: 'deployment_superseded', text: SUPERSEDED, by: 'partition' },
  { table: 'deployment_commit', text: COMMITS, by: 'partition' },
  { table: 'deployment_interval', text: INTERVALS, by: 'partition' },
  { table: 'deployment_metric', text: METRICS, by: 'partition' },
  { table: 'deployment_counter', text: COUNTERS, by: 'environment' },
  { table: 'deployment_value', text: VALUES, by: 'environment' },
  { table: 'deployment_histogram', text: HISTOGRAMS, by: 'environment' },
]

/** The made-up year corrects no list of commits, voids nothing, and has no labels. */
export const emptyTables = ['deployment_changed_commit', 'deployment_label', 'deployment_voided']
