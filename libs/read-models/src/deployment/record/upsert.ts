import { statement, type Query } from '#libs/postgres'
import type { DeploymentChange } from './fold.js'
import { versionColumns, versionRows } from './version-rows.js'

const key = ['tenant', 'deployment_id']
const INSERT = `
  INSERT INTO deployment_history AS h (${versionRows.columns})
  SELECT * FROM ${versionRows.sql}`
const UPSERT = `${INSERT}
  ON CONFLICT (${key.join(', ')}) DO UPDATE SET
    ${versionColumns
      .filter(({ name }) => !key.includes(name))
      .map(({ name }) => `${name} = excluded.${name}`)
      .join(', ')},
    inferred_rollback_of = CASE WHEN excluded.succeeded THEN h.inferred_rollback_of END`

/** Writes the changed deployments. New ones, which are nearly all, are inserted, which costs less than searching for an existing row. */
export async function upsertHistory(query: Query, changes: readonly DeploymentChange[]): Promise<void> {
  const [fresh, known] = [false, true].map(is => changes.filter(({ before }) => (before !== undefined) === is))
  await write(query, 'insert deployments', INSERT, fresh!)
  await write(query, 'upsert deployments', UPSERT, known!)
}

async function write(query: Query, name: string, text: string, changes: readonly DeploymentChange[]): Promise<void> {
  if (changes.length > 0) await query(statement(name, text, versionRows.values(changes), { plan: 'once' }))
}
