import type { ClientBase } from 'pg'
import { rowsSql, valuesOf, versionColumns } from './version-rows.js'
import type { DeploymentChange } from './fold.js'

const key = ['tenant', 'deployment_id']
const names = versionColumns.map(({ name }) => name)
const INSERT = `
  INSERT INTO deployment_history AS h (${names.join(', ')})
  SELECT * FROM ${rowsSql(versionColumns)}`
const UPSERT = `${INSERT}
  ON CONFLICT (${key.join(', ')}) DO UPDATE SET
    ${names
      .filter(name => !key.includes(name))
      .map(name => `${name} = excluded.${name}`)
      .join(', ')},
    inferred_rollback_of = CASE WHEN excluded.succeeded THEN h.inferred_rollback_of END`

/** Writes the changed deployments. New ones, which are nearly all, are inserted, which costs less than searching for an existing row. */
export async function upsertHistory(connection: ClientBase, changes: readonly DeploymentChange[]): Promise<void> {
  const [fresh, known] = [false, true].map(is => changes.filter(({ before }) => (before !== undefined) === is))
  await write(connection, 'insert history', INSERT, fresh!)
  await write(connection, 'upsert history', UPSERT, known!)
}

async function write(connection: ClientBase, name: string, text: string, changes: readonly DeploymentChange[]) {
  if (changes.length === 0) return
  await connection.query({ name, text, values: valuesOf(versionColumns, changes) })
}
