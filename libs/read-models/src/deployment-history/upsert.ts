import type { ClientBase } from 'pg'
import { plainArray, textArray } from '../array-literal.js'
import { logOrder } from '../log-order.js'
import type { DeploymentChange } from './fold.js'

type Value = string | number | bigint | boolean | undefined

interface HistoryColumn {
  name: string
  type: string
  value(change: DeploymentChange): Value
}

const columns: HistoryColumn[] = [
  { name: 'tenant', type: 'text', value: change => change.tenant },
  { name: 'deployment_id', type: 'uuid', value: ({ record }) => record.id },
  { name: 'application', type: 'text', value: ({ record }) => record.application },
  { name: 'environment', type: 'text', value: ({ record }) => record.environment },
  { name: 'environment_name', type: 'text', value: change => change.environmentName },
  { name: 'image_tag', type: 'text', value: ({ record }) => record.imageTag },
  { name: 'image', type: 'text', value: ({ record }) => record.image },
  { name: 'git_commit', type: 'text', value: ({ record }) => record.gitCommit },
  { name: 'git_branch', type: 'text', value: ({ record }) => record.gitBranch },
  { name: 'status', type: 'text', value: ({ record }) => record.status },
  { name: 'succeeded', type: 'boolean', value: ({ record }) => record.succeeded },
  { name: 'deployed_at', type: 'timestamptz', value: ({ record }) => record.deployedAt },
  { name: 'completed_at', type: 'timestamptz', value: ({ record }) => record.completedAt },
  { name: 'finished_at', type: 'timestamptz', value: ({ record }) => record.completedAt ?? record.deployedAt },
  { name: 'rolled_back_at', type: 'timestamptz', value: ({ record }) => record.rolledBackAt },
  { name: 'rollback_reason', type: 'text', value: ({ record }) => record.rollbackReason },
  { name: 'rollback_of', type: 'uuid', value: ({ record }) => record.rollbackOf },
  { name: 'actor', type: 'text', value: ({ record }) => record.actor },
  { name: 'pipeline', type: 'json', value: ({ record }) => json(record.pipeline) },
  { name: 'commits', type: 'json', value: ({ record }) => json(record.commits) },
  { name: 'notes', type: 'text', value: ({ record }) => record.notes },
  { name: 'migrations', type: 'json', value: ({ record }) => json(record.migrations) },
  { name: 'unplanned', type: 'boolean', value: ({ record }) => record.unplanned },
  { name: 'labels', type: 'json', value: ({ record }) => json(record.labels) },
  { name: 'during_freeze', type: 'text', value: ({ record }) => record.duringFreeze },
  { name: 'correlation_id', type: 'text', value: change => change.correlationId },
  { name: 'recorded_at', type: 'timestamptz', value: change => change.recordedAt },
  { name: 'partition', type: 'smallint', value: change => change.partition },
  { name: 'recorded_seq', type: 'bigint', value: change => change.recordedSeq },
  { name: 'log_order', type: 'bigint', value: change => logOrder(change.partition, change.recordedSeq) },
  { name: 'last_seq', type: 'bigint', value: change => change.lastSeq },
  { name: 'version', type: 'integer', value: change => change.version },
]

function json(value: object | undefined): string | undefined {
  return value && JSON.stringify(value)
}

const key = ['tenant', 'deployment_id']
const names = columns.map(({ name }) => name)
const UPSERT = `
  INSERT INTO deployment_history AS h (${names.join(', ')})
  SELECT * FROM unnest(${columns.map(({ type }, index) => `$${index + 1}::${type}[]`).join(', ')})
  ON CONFLICT (${key.join(', ')}) DO UPDATE SET
    ${names
      .filter(name => !key.includes(name))
      .map(name => `${name} = excluded.${name}`)
      .join(', ')},
    inferred_rollback_of = CASE WHEN excluded.succeeded THEN h.inferred_rollback_of END`

/** Writes what became of each deployment, in one statement. */
export async function upsertHistory(connection: ClientBase, changes: readonly DeploymentChange[]): Promise<void> {
  const values = columns.map(({ type, value }) =>
    type === 'text' || type === 'json' ? textArray(changes.map(value) as string[]) : plainArray(changes.map(value)),
  )
  await connection.query({ name: 'upsert history', text: UPSERT, values })
}
