import { plainArray, textArray } from '../../sql/array-literal.js'
import { logOrder } from '../../sql/log-order.js'
import type { DeploymentVersion } from './fold.js'

type Value = string | number | bigint | boolean | undefined

/** A column and its value. */
export interface Column<Row> {
  name: string
  type: string
  value(row: Row): Value
}

/** The column of each part of a deployment version. */
export const versionColumns: Column<DeploymentVersion>[] = [
  { name: 'tenant', type: 'text', value: version => version.tenant },
  { name: 'deployment_id', type: 'uuid', value: ({ record }) => record.id },
  { name: 'application', type: 'text', value: ({ record }) => record.application },
  { name: 'environment', type: 'text', value: ({ record }) => record.environment },
  { name: 'environment_name', type: 'text', value: version => version.environmentName },
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
  { name: 'failure_reason', type: 'text', value: ({ record }) => record.failureReason },
  { name: 'actor', type: 'text', value: ({ record }) => record.actor },
  { name: 'pipeline', type: 'json', value: ({ record }) => json(record.pipeline) },
  { name: 'commits', type: 'json', value: ({ record }) => json(record.commits) },
  { name: 'notes', type: 'text', value: ({ record }) => record.notes },
  { name: 'migrations', type: 'json', value: ({ record }) => json(record.migrations) },
  { name: 'unplanned', type: 'boolean', value: ({ record }) => record.unplanned },
  { name: 'labels', type: 'json', value: ({ record }) => json(record.labels) },
  { name: 'during_freeze', type: 'text', value: ({ record }) => record.duringFreeze },
  { name: 'correlation_id', type: 'text', value: version => version.correlationId },
  { name: 'recorded_at', type: 'timestamptz', value: version => version.recordedAt },
  { name: 'partition', type: 'smallint', value: version => version.partition },
  { name: 'recorded_seq', type: 'bigint', value: version => version.recordedSeq },
  { name: 'log_order', type: 'bigint', value: version => logOrder(version.partition, version.recordedSeq) },
  { name: 'last_seq', type: 'bigint', value: version => version.lastSeq },
  { name: 'version', type: 'integer', value: version => version.version },
  { name: 'recorded_bytes', type: 'integer', value: version => version.recordedBytes },
  { name: 'known_from', type: 'timestamptz', value: version => version.knownFrom },
]

function json(value: object | undefined): string | undefined {
  return value && JSON.stringify(value)
}

/** SQL: the rows of `valuesOf`, one parameter per column. */
export function rowsSql(columns: readonly Column<never>[]): string {
  return `unnest(${columns.map(({ type }, index) => `$${index + 1}::${type}[]`).join(', ')})`
}

/** Rows as statement parameters: one array per column. */
export function valuesOf<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string[] {
  return columns.map(({ type, value }) =>
    type === 'text' || type === 'json' ? textArray(rows.map(value) as string[]) : plainArray(rows.map(value)),
  )
}
