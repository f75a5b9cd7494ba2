import { rowSet, statement, type Query } from '#libs/postgres'
import type { DeploymentChange } from './fold.js'
import { withId } from './index-lookups.js'
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

const voidedRows = rowSet<DeploymentChange>('version', [
  ...versionColumns,
  { name: 'voided_at', type: 'timestamptz', value: ({ voidedAt }) => voidedAt },
])
const INSERT_VOIDED = `
  INSERT INTO deployment_voided (${voidedRows.columns}) SELECT * FROM ${voidedRows.sql}`
const DELETE = `
  DELETE FROM deployment_history h USING (
    SELECT h.ctid FROM ${voidedRows.sql}
    CROSS JOIN LATERAL (SELECT h.ctid FROM deployment_history h WHERE ${withId('h', 'version')}) h
  ) voided WHERE h.ctid = voided.ctid`

/**
 * Writes the changed deployments. New ones, which are nearly all, are inserted, which costs less than searching for an existing row.
 * Voided ones leave the history: what is not in it counts for nothing.
 */
export async function upsertHistory(query: Query, changes: readonly DeploymentChange[]): Promise<void> {
  const counting = changes.filter(({ record }) => !record.voided)
  const [fresh, known] = [false, true].map(is => counting.filter(({ before }) => (before !== undefined) === is))
  await write(query, 'insert deployments', INSERT, fresh!)
  await write(query, 'upsert deployments', UPSERT, known!)
  if (counting.length < changes.length)
    await moveVoided(
      query,
      changes.filter(({ record }) => record.voided),
    )
}

async function write(query: Query, name: string, text: string, changes: readonly DeploymentChange[]): Promise<void> {
  if (changes.length > 0) await query(statement(name, text, versionRows.values(changes), { plan: 'once' }))
}

async function moveVoided(query: Query, voided: readonly DeploymentChange[]): Promise<void> {
  await query(statement('delete voided deployments', DELETE, voidedRows.values(voided), { plan: 'once' }))
  await query(statement('insert voided deployments', INSERT_VOIDED, voidedRows.values(voided), { plan: 'once' }))
}
