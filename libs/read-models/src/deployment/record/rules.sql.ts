import { columnsOf, orderedBy, slotColumns, withinKey } from './index-lookups.js'

const reportedKey = ['tenant', 'rollback_of', 'application', 'environment_name']

/**
 * SQL: rows `n` (with `columns`), earliest start first: deployments that report to undo `h`, and do: successes in its application and
 * environment. Deployments of other slots, failed ones and `h` itself undo nothing; the index excludes them.
 */
export const reportedUndoing = (h: string, columns = ''): string => `
  SELECT ${columns} FROM deployment_history n
  WHERE ${withinKey(columnsOf('n', reportedKey), `${h}.tenant, ${h}.deployment_id, ${columnsOf(h, slotColumns.slice(1))}`)}
    AND n.succeeded AND n.rollback_of IS NOT NULL AND n.deployment_id <> ${h}.deployment_id
  ORDER BY ${orderedBy('n', [...reportedKey, 'deployed_at', 'log_order'])} OFFSET 0`

/** SQL: rows `n` (with `columns`): the deployment that undoes `h` by going back to an older version. */
export const inferredUndoing = (h: string, columns = ''): string => `
  SELECT ${columns} FROM deployment_history n
  WHERE ${withinKey('n.tenant, n.inferred_rollback_of', `${h}.tenant, ${h}.deployment_id`)} AND n.inferred_rollback_of IS NOT NULL
  ORDER BY n.tenant, n.inferred_rollback_of OFFSET 0`

/**
 * SQL: whether a success goes back to an older version, and so undoes the success that it replaces: it reports to undo none, and its tag first
 * succeeded in the slot before that of the replaced one did.
 *
 * @param first when its tag first succeeded there, and `firstOfReplaced` that of the replaced one: comparable by `<`
 */
export const goesBack = (rollbackOf: string, first: string, firstOfReplaced: string): string =>
  `${rollbackOf} IS NULL AND ${first} < ${firstOfReplaced}`

/**
 * SQL for a pass over whole slots, step by step: `n`, the number of a deployment of those with the same outcome by start; `firstOfTag`, the
 * number of the first one with its tag; `undoer`, the deployment that has undone a success by inference.
 *
 * @param slot columns by which slots differ in the relation
 */
export const rollbackWindow = (
  slot: readonly string[] = [],
): Record<'n' | 'firstOfTag' | 'undoer' | 'next', string> => {
  const outcome = [...slot, 'succeeded'].join(', ')
  return {
    n: `row_number() OVER (PARTITION BY ${outcome} ORDER BY deployed_at, log_order)`,
    firstOfTag: `min(n) OVER (PARTITION BY ${outcome}, image_tag)`,
    undoer: `CASE WHEN succeeded AND ${goesBack('lead(rollback_of) OVER next', 'lead(first_of_tag) OVER next', 'first_of_tag')}
        THEN lead(deployment_id) OVER next END`,
    next: `next AS (PARTITION BY ${outcome} ORDER BY n)`,
  }
}

/**
 * SQL: the kind of a failure; NULL without one: what was cancelled never ran, so nothing undoes it.
 * @param undone whether another deployment undoes it, and how that is known
 * @param hasIncident whether it succeeded and has an incident
 */
export const failureKind = (
  status: string,
  undone: { reported: string; inferred: string },
  hasIncident: string,
): string =>
  `CASE WHEN ${status} = 'CANCELLED' THEN NULL WHEN ${status} = 'FAILED' THEN 'failed'
      WHEN ${status} = 'ROLLED_BACK' OR ${undone.reported} THEN 'reported'
      WHEN ${undone.inferred} THEN 'inferred' WHEN ${hasIncident} THEN 'incident' END`

/** SQL: whether a finished deployment counts as unplanned work. */
export const isUnplanned = (status: string, unplanned: string): string =>
  `coalesce(${unplanned} AND ${status} <> 'CANCELLED', false)`

/** SQL: when a success stopped being active, or would have; `infinity` if it was never rolled back. */
export const activeUntil = (row: string): string =>
  `CASE WHEN ${row}.status = 'DEPLOYED' THEN 'infinity' ELSE ${row}.rolled_back_at END`
