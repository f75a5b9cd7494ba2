import type { ClientBase } from 'pg'
import { textArray } from '../../sql/array-literal.js'
import type { DeploymentChange } from '../../deployment/record/fold.js'
import type { NamedDeployment } from '../../deployment/history/inferred-rollback.js'
import type { Pipelines } from '../../pipeline/pipelines.js'
import { ALL_CANDIDATES, CANDIDATES } from './candidates.js'
import { changedSlots } from './slots.js'
import { WRITE_ROWS } from './rows.js'
import { ADD_TO_SUMS, sumTables } from '../definition/counters.js'

/** Deployments whose metrics one statement makes anew, and those of one more application. */
const PART = 10_000

const REFRESH = `WITH ${CANDIDATES}, ${WRITE_ROWS}, ${ADD_TO_SUMS}`
const REFRESH_ALL = `WITH ${ALL_CANDIDATES}, ${WRITE_ROWS}, ${ADD_TO_SUMS}`

/**
 * Finds again what deployments add to the metrics, after a batch has changed the history, and moves the sums by the difference. To be called
 * last in a transaction: see ADD_TO_SUMS.
 * @param named whom an inferred rollback names, or named, where that changed
 */
export async function refreshMetrics(
  connection: ClientBase,
  changes: readonly DeploymentChange[],
  named: readonly NamedDeployment[],
  pipelines: Pipelines,
): Promise<void> {
  // A tag that another one has overtaken may be on any number of deployments.
  for (let first = 0; first === 0 || first < named.length; first += PART) {
    const values = changedSlots(first === 0 ? changes : [], named.slice(first, first + PART), pipelines)
    const { rows } = await connection.query<EmptySum>({ name: 'refresh metrics', text: REFRESH, values })
    await deleteEmpty(connection, rows)
  }
}

/** Makes the metrics of tenants anew, by their pipelines as they are now. The caller holds these alone. */
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

/** The applications of tenants, as many at once as a statement has time for. */
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

/** Where a sum stands that came to nothing. */
interface EmptySum {
  table_name: (typeof sumTables)[number]
  row_id: string
}

// A sum of nothing is no row: the tables are the same whatever came and went. Nobody can have moved the rows, they are locked.
async function deleteEmpty(connection: ClientBase, empty: readonly EmptySum[]): Promise<void> {
  for (const table of sumTables) {
    const ids = empty.filter(({ table_name }) => table_name === table).map(({ row_id }) => row_id)
    if (ids.length === 0) continue
    await connection.query({ text: `DELETE FROM ${table} WHERE ctid = ANY ($1::tid[])`, values: [ids] })
  }
}
