import { millisecondsSql } from './finish-order.js'

/** Recovery from inferred rollbacks, and, if these are not failures, from the incidents of such deployments. */
export const INFERRED_RECOVERY = 'inferred recovery'
export const INFERRED_INCIDENT_RECOVERY = 'inferred incident recovery'

/** Measures in milliseconds: the name in the tables, and SQL of the value, NULL for none, in a row of deployment_metric. */
const measures = {
  duration: 'duration_ms',
  promotion: 'promotion_lead_ms',
  recovery: `CASE WHEN failure_kind <> 'inferred'
      THEN ${millisecondsSql(`CASE WHEN failure_kind = 'incident' THEN incident_at ELSE finished_at END`, 'recovered_at')} END`,
  [INFERRED_RECOVERY]: `CASE WHEN failure_kind = 'inferred' THEN ${millisecondsSql('finished_at', 'recovered_at')} END`,
  [INFERRED_INCIDENT_RECOVERY]: `CASE WHEN failure_kind = 'inferred' THEN ${millisecondsSql('incident_at', 'incident_recovered_at')} END`,
}

/** The measure of `commit_lead_ms`. */
const COMMIT_LEAD = 'lead'

export const measureNames: readonly string[] = [...Object.keys(measures), COMMIT_LEAD]

/**
 * SQL: a query of the measures of rows like those of deployment_metric: their `columns`, `measure` and `value`. It reads the relation once
 * per measure, which costs less than evaluating all of them per row.
 */
export function measuredSql(relation: string, columns = ''): string {
  const more = columns && `${columns}, `
  const ofRows = Object.entries(measures).map(
    ([name, value]) => `
    SELECT ${more}'${name}' AS measure, value FROM (SELECT *, ${value} AS value FROM ${relation}) r WHERE value IS NOT NULL`,
  )
  const ofCommits = `
    SELECT ${more}'${COMMIT_LEAD}', value FROM ${relation}, unnest(commit_lead_ms) AS value`
  return [...ofRows, ofCommits].join(' UNION ALL ')
}
