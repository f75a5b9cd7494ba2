import { columnsOf, orderedBy, slotColumns, withinKey } from './index-lookups.js'

const named = ['tenant', 'rollback_of', 'application', 'environment_name']

/**
 * SQL: rows `n` (with `columns`), earliest start first: deployments that report to undo `h`, and do: successes in its application and
 * environment. Deployments of other slots, failed ones and `h` itself undo nothing; the index excludes them.
 */
export const reportedUndoing = (h: string, columns = ''): string => `
  SELECT ${columns} FROM deployment_history n
  WHERE ${withinKey(columnsOf('n', named), `${h}.tenant, ${h}.deployment_id, ${columnsOf(h, slotColumns.slice(1))}`)}
    AND n.succeeded AND n.rollback_of IS NOT NULL AND n.deployment_id <> ${h}.deployment_id
  ORDER BY ${orderedBy('n', [...named, 'deployed_at', 'log_order'])} OFFSET 0`

/** SQL: rows `n` (with `columns`): the deployment that undoes `h` by going back to an older version. */
export const inferredUndoing = (h: string, columns = ''): string => `
  SELECT ${columns} FROM deployment_history n
  WHERE ${withinKey('n.tenant, n.inferred_rollback_of', `${h}.tenant, ${h}.deployment_id`)} AND n.inferred_rollback_of IS NOT NULL
  ORDER BY n.tenant, n.inferred_rollback_of OFFSET 0`
