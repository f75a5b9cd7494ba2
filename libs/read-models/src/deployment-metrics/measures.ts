import { millisecondsSql } from './finish-order.js'

/** What is measured in milliseconds: its name in the tables, and SQL of its value, NULL for none, in a row of deployment_metric. */
export const measures = {
  duration: 'duration_ms',
  promotion: 'promotion_lead_ms',
  recovery: `CASE WHEN fault <> 'inferred' THEN ${millisecondsSql('finished_at', 'recovered_at')} END`,
  'inferred recovery': `CASE WHEN fault = 'inferred' THEN ${millisecondsSql('finished_at', 'recovered_at')} END`,
}

/** The measure of `commit_lead_ms`. */
export const COMMIT_LEAD = 'lead'

/** SQL: rows (measure, value) of a row of deployment_metric, whose columns are those in sight. */
export const measuredSql = `
  SELECT measure, value FROM (VALUES ${Object.entries(measures)
    .map(([name, value]) => `('${name}', ${value})`)
    .join(', ')}) AS measured(measure, value) WHERE value IS NOT NULL
  UNION ALL SELECT '${COMMIT_LEAD}', unnest(commit_lead_ms)`
