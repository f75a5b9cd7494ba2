import type { ClientBase } from 'pg'
import { rowsSql, valuesOf, versionColumns } from './columns.js'
import type { DeploymentChange } from './fold.js'

const key = ['tenant', 'deployment_id']
const names = versionColumns.map(({ name }) => name)
const UPSERT = `
  INSERT INTO deployment_history AS h (${names.join(', ')})
  SELECT * FROM ${rowsSql(versionColumns)}
  ON CONFLICT (${key.join(', ')}) DO UPDATE SET
    ${names
      .filter(name => !key.includes(name))
      .map(name => `${name} = excluded.${name}`)
      .join(', ')},
    inferred_rollback_of = CASE WHEN excluded.succeeded THEN h.inferred_rollback_of END`

/** Writes what became of each deployment, in one statement. */
export async function upsertHistory(connection: ClientBase, changes: readonly DeploymentChange[]): Promise<void> {
  await connection.query({ name: 'upsert history', text: UPSERT, values: valuesOf(versionColumns, changes) })
}
