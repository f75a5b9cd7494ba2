import type { ClientBase } from 'pg'
import { textArray } from '#libs/postgres'
import type { DeploymentChange } from '../../deployment/record/fold.js'
import type { NamedDeployment } from '../../deployment/history/inferred-rollback.js'
import type { Pipelines } from '../../pipeline/pipelines.js'
import { ALL_CANDIDATES, CANDIDATES } from './candidates.js'
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
 * @param named deployments for which an inferred rollback has changed
 */
export async function refreshMetrics(
  connection: ClientBase,
  changes: readonly DeploymentChange[],
  named: readonly NamedDeployment[],
  pipelines: Pipelines,
): Promise<void> {
  // A tag that another one has passed may have any number of deployments.
  for (let first = 0; first === 0 || first < named.length; first += PART) {
    const values = changedSlots(first === 0 ? changes : [], named.slice(first, first + PART), pipelines)
    const { rows } = await connection.query<EmptySum>({ name: 'refresh metrics', text: REFRESH, values })
    await deleteEmpty(connection, rows)
  }
}

/** Recomputes the metrics of tenants by their current pipelines. The caller holds these exclusively. */
export async function refreshAllMetrics(connection: ClientBase, tenants: readonly string[]): Promise<void> {
  for (const table of ['deployment_metric', ...sumTables]) {
    await connection.query({ text: `DELETE FROM ${table} WHERE tenant = ANY ($1)`, values: [tenants] })
  }
  for (const part of await partsOf(connection, tenants)) {
    const values = [textArray(part.map(({ tenant }) => tenant)), textArray(part.map(({ application }) => application))]
    await connection.query({ text: REFRESH_ALL, values })
  }
}

interface ApplicationSize {
  tenant: string
  application: string
  deployments: number
}

/** The applications of tenants, as many at once as one statement can process in time. */
async function partsOf(connection: ClientBase, tenants: readonly string[]): Promise<ApplicationSize[][]> {
  const text = `
    SELECT tenant, application, count(*)::int AS deployments FROM deployment_history
    WHERE tenant = ANY ($1) GROUP BY tenant, application ORDER BY tenant, application`
  const { rows } = await connection.query<ApplicationSize>({ text, values: [tenants] })
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
async function deleteEmpty(connection: ClientBase, empty: readonly EmptySum[]): Promise<void> {
  for (const table of sumTables) {
    const ids = empty.filter(({ table_name }) => table_name === table).map(({ row_id }) => row_id)
    if (ids.length === 0) continue
    await connection.query({ text: `DELETE FROM ${table} WHERE ctid = ANY ($1::tid[])`, values: [ids] })
  }
}
