import type { ClientBase } from 'pg'
import { rowsSql, valuesOf, versionColumns, type Column } from './version-rows.js'
import type { DeploymentChange, SupersededVersion } from './fold.js'

const columns: Column<SupersededVersion>[] = [
  ...versionColumns,
  { name: 'known_until', type: 'timestamptz', value: version => version.knownUntil },
]
const INSERT = `
  INSERT INTO deployment_superseded (${columns.map(({ name }) => name).join(', ')})
  SELECT * FROM ${rowsSql(columns)}`

/** Stores the versions that a batch has replaced. Most batches only record deployments and replace none. */
export async function keepSuperseded(connection: ClientBase, changes: readonly DeploymentChange[]): Promise<void> {
  const versions = changes.flatMap(({ superseded }) => superseded)
  if (versions.length === 0) return
  await connection.query({ name: 'keep superseded', text: INSERT, values: valuesOf(columns, versions) })
}
