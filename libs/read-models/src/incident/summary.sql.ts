import { columnsOf, orderedBy, withinKey } from '../deployment/record/index-lookups.js'

// planner: the deployment is first in these indexes. All others start with the tenant, which would be a condition for them too.
const ofDeployment = ['deployment_id', 'tenant']
const starts = [...ofDeployment, 'started_at', 'log_order']
const resolutions = [...ofDeployment, 'resolved_at']

/** SQL: the rows of the table `i` that belong to a deployment `h`. */
const belongsTo = (i: string, h: string) =>
  `${withinKey(columnsOf(i, ofDeployment), columnsOf(h, ofDeployment))} AND ${i}.deployment_id IS NOT NULL`

/**
 * SQL: a row, for LATERAL, if a deployment `h` has incidents: when the first one started (`started_at`), whether one is open, and when the last
 * one was resolved, NULL while one is open. Two index lookups, however many incidents it has.
 */
export const incidentsOfDeployment = (h: string): string => `
  SELECT first.started_at, last.resolved_at IS NULL AS is_open, last.resolved_at FROM (
    SELECT i.started_at FROM incident i WHERE ${belongsTo('i', h)} ORDER BY ${orderedBy('i', starts)} LIMIT 1
  ) first CROSS JOIN LATERAL (
    -- NULLs are first in descending order.
    SELECT i.resolved_at FROM incident i WHERE ${belongsTo('i', h)} ORDER BY ${orderedBy('i', resolutions, ' DESC')} LIMIT 1
  ) last`
