import { sameSlot } from '../record/index-lookups.js'
import { inferredUndoing, reportedUndoing } from '../record/undoing.js'
import { isHistorical, type AsOf } from '../../sql/as-of.js'

/** The deployments of the place of a CTE `problem`, each with the one that has undone it: `undone_by`, and `detected`, how that is known. */
export interface ProblemSlot {
  /** SQL: CTEs that come behind `problem`, each with a comma before it. */
  ctes: string
  /** SQL: the relation, for FROM; who asks says `samePlace`. */
  relation: string
}

/** Now it is kept who has undone whom, and looked up for those that are looked at; at a moment all of the place is judged, in one pass. */
export function slotOfProblem(moment: AsOf, visible: string): ProblemSlot {
  return isHistorical(moment) ? { ctes: evaluated(visible), relation: 'judged' } : { ctes: '', relation: KEPT }
}

const KEPT = `(
  SELECT h.*, undoer.deployment_id AS undone_by, undoer.detected FROM deployment_history h LEFT JOIN LATERAL (
    SELECT * FROM (
      (SELECT * FROM (${reportedUndoing('h', `n.deployment_id, 'reported' AS detected`)}) earliest LIMIT 1)
      UNION ALL (${inferredUndoing('h', `n.deployment_id, 'inferred'`)})
    ) either ORDER BY detected DESC LIMIT 1
  ) undoer ON true)`

// The rules of undoing.ts and of inferred-rollback.ts: the next success undoes, if its tag came first before that of the replaced one did.
// planner: without a join of the place with itself, which is nested where nobody has counted its rows yet.
const evaluated = (visible: string) => `, place AS MATERIALIZED (
    SELECT h.* FROM problem JOIN ${visible} h ON ${sameSlot('h', 'problem')}
  ), started AS (
    SELECT place.*, row_number() OVER (PARTITION BY succeeded ORDER BY deployed_at, log_order) AS n FROM place
  ), tagged AS (
    SELECT started.*, min(n) OVER (PARTITION BY succeeded, image_tag) AS first_of_tag FROM started
  ), reported AS (
    SELECT jsonb_object_agg(undone, by) AS undoers FROM (
      SELECT DISTINCT ON (rollback_of) rollback_of AS undone, deployment_id AS by FROM place
      WHERE succeeded AND rollback_of <> deployment_id ORDER BY rollback_of, deployed_at, log_order
    ) each
  ), found_undoers AS (
    SELECT tagged.*, ((SELECT undoers FROM reported)->>deployment_id::text)::uuid AS reported_by,
      CASE WHEN succeeded AND lead(rollback_of) OVER next IS NULL AND lead(first_of_tag) OVER next < first_of_tag
        THEN lead(deployment_id) OVER next END AS inferred_by
    FROM tagged WINDOW next AS (PARTITION BY succeeded ORDER BY n)
  ), judged AS MATERIALIZED (
    SELECT found_undoers.*, coalesce(reported_by, inferred_by) AS undone_by,
      CASE WHEN reported_by IS NOT NULL THEN 'reported' WHEN inferred_by IS NOT NULL THEN 'inferred' END AS detected
    FROM found_undoers
  )`
