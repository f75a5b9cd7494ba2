import { sameSlot } from '../record/index-lookups.js'
import { inferredUndoing, reportedUndoing, rollbackWindow } from '../record/rules.sql.js'
import { isHistorical, type AsOf } from '../../sql/as-of.js'

/** The deployments in the slot of a CTE `problem`, each with the deployment that has undone it: `undone_by`, and `detected`, how that is known. */
export interface ProblemSlot {
  /** SQL: CTEs after `problem`, each preceded by a comma. */
  ctes: string
  /** SQL: the relation, for FROM; the caller adds `sameSlot`. */
  relation: string
}

/** Current undoing deployments are stored, and looked up for the listed ones; as of a time the whole slot is evaluated in one pass. */
export function slotOfProblem(moment: AsOf, visible: string): ProblemSlot {
  return isHistorical(moment) ? { ctes: evaluatedSql(visible), relation: 'evaluated' } : { ctes: '', relation: STORED }
}

const STORED = `(
  SELECT h.*, undoer.deployment_id AS undone_by, undoer.detected FROM deployment_history h LEFT JOIN LATERAL (
    SELECT * FROM (
      (SELECT * FROM (${reportedUndoing('h', `n.deployment_id, 'reported' AS detected`)}) earliest LIMIT 1)
      UNION ALL (${inferredUndoing('h', `n.deployment_id, 'inferred'`)})
    ) either ORDER BY detected DESC LIMIT 1
  ) undoer ON true)`

const window = rollbackWindow()

// planner: a pass over the slot avoids joining it with itself, which would be a nested loop before its rows are counted.
const evaluatedSql = (visible: string) => `, slot AS MATERIALIZED (
    SELECT h.* FROM problem JOIN ${visible} h ON ${sameSlot('h', 'problem')}
  ), started AS (
    SELECT slot.*, ${window.n} AS n FROM slot
  ), tagged AS (
    SELECT started.*, ${window.firstOfTag} AS first_of_tag FROM started
  ), reported AS (
    SELECT jsonb_object_agg(undone, by) AS undoers FROM (
      SELECT DISTINCT ON (rollback_of) rollback_of AS undone, deployment_id AS by FROM slot
      WHERE succeeded AND rollback_of <> deployment_id ORDER BY rollback_of, deployed_at, log_order
    ) each
  ), found_undoers AS (
    SELECT tagged.*, ((SELECT undoers FROM reported)->>deployment_id::text)::uuid AS reported_by,
      ${window.undoer} AS inferred_by
    FROM tagged WINDOW ${window.next}
  ), evaluated AS MATERIALIZED (
    SELECT found_undoers.*, coalesce(reported_by, inferred_by) AS undone_by,
      CASE WHEN reported_by IS NOT NULL THEN 'reported' WHEN inferred_by IS NOT NULL THEN 'inferred' END AS detected
    FROM found_undoers
  )`
