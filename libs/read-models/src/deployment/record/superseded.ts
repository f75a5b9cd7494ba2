import { rowSet, statement, type Query } from '#libs/postgres'
import type { DeploymentChange, SupersededVersion } from './fold.js'
import { versionColumns } from './version-rows.js'

const supersededRows = rowSet<SupersededVersion>('version', [
  ...versionColumns,
  { name: 'known_until', type: 'timestamptz', value: version => version.knownUntil },
])
const INSERT = `
  INSERT INTO deployment_superseded (${supersededRows.columns})
  SELECT * FROM ${supersededRows.sql}`

/** Stores the versions that a batch has replaced. Most batches only record deployments and replace none. */
export async function keepSuperseded(query: Query, changes: readonly DeploymentChange[]): Promise<void> {
  const versions = changes.flatMap(({ superseded }) => superseded)
  if (versions.length === 0) return
  await query(statement('insert superseded versions', INSERT, supersededRows.values(versions), { plan: 'once' }))
}
