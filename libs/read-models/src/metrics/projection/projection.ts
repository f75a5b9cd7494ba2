import { statement, type Query } from '#libs/postgres'
import type { DeploymentChange } from '../../deployment/record/fold.js'
import type { NamedDeployment } from '../../deployment/history/inferred-rollback.js'
import type { Pipelines } from '../../pipeline/pipelines.js'
import { ALL_CANDIDATES, CANDIDATES, requestedApplications } from './candidates.js'
import { changedSlots } from './slots.js'
import { WRITE_ROWS } from './rows.js'
import { ADD_TO_SUMS, sumTables } from '../definition/counters.js'

/** Number of deployments whose metrics one statement recomputes, plus those of one more application. */
const PART = 10_000

const REFRESH = `WITH ${CANDIDATES}, ${WRITE_ROWS}, ${ADD_TO_SUMS}`
const REFRESH_ALL = `WITH ${ALL_CANDIDATES}, ${WRITE_ROWS}, ${ADD_TO_SUMS}`

/**
 * Recomputes the contributions of deployments to metrics, after a batch has changed the history, and adjusts the sums by the difference.
 * Call it last in a transaction: see ADD_TO_SUMS.
 * @param named deployments for which an inferred rollback or an incident has changed
 */
export async function refreshMetrics(
  query: Query,
  changes: readonly DeploymentChange[],
  named: readonly NamedDeployment[],
  pipelines: Pipelines,
): Promise<void> {
  // A tag that another one has passed may have any number of deployments.
  for (let first = 0; first === 0 || first < named.length; first += PART) {
    const values = changedSlots(first === 0 ? changes : [], named.slice(first, first + PART), pipelines)
    const rows = await query<EmptySum>(statement('refresh metrics', REFRESH, values, { plan: 'once' }))
    await deleteEmpty(query, rows)
  }
}

/** Recomputes the metrics of tenants by their current pipelines. The caller holds these exclusively. */
export async function refreshAllMetrics(query: Query, tenants: readonly string[]): Promise<void> {
  for (const table of ['deployment_metric', ...sumTables]) {
    await query(statement(`delete from ${table}`, `DELETE FROM ${table} WHERE tenant = ANY ($tenants)`, { tenants }))
  }
  for (const part of await partsOf(query, tenants)) {
    await query(statement('refresh metrics of applications', REFRESH_ALL, requestedApplications.values(part)))
  }
}

interface ApplicationSize {
  tenant: string
  application: string
  deployments: number
}

/** The applications of tenants, as many at once as one statement can process in time. */
async function partsOf(query: Query, tenants: readonly string[]): Promise<ApplicationSize[][]> {
  const text = `
    SELECT tenant, application, count(*)::int AS deployments FROM deployment_history
    WHERE tenant = ANY ($tenants) GROUP BY tenant, application ORDER BY tenant, application`
  const rows = await query<ApplicationSize>(statement('sizes of applications', text, { tenants }))
  const parts: ApplicationSize[][] = []
  let size = PART
  for (const row of rows) {
    if (size >= PART) {
      parts.push([])
      size = 0
    }
    parts.at(-1)!.push(row)
    size += row.deployments
  }
  return parts
}

/** The key of a sum that became zero. */
interface EmptySum {
  table_name: (typeof sumTables)[number]
  row_id: string
}

// Sums of zero are deleted, so that the tables do not depend on the order of events. The rows are locked, so nobody can have changed them.
async function deleteEmpty(query: Query, empty: readonly EmptySum[]): Promise<void> {
  for (const table of sumTables) {
    const ids = empty.filter(({ table_name }) => table_name === table).map(({ row_id }) => row_id)
    if (ids.length === 0) continue
    const text = `DELETE FROM ${table} WHERE ctid = ANY ($ids::tid[])`
    await query(statement(`delete empty ${table}`, text, { ids }))
  }
}
