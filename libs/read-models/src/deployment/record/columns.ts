import { type FieldValue, recordedFields, type RecordedField } from '#libs/contracts'
import { plainArray, textArray } from '#libs/postgres'
import { logOrder } from '../../sql/log-order.js'
import type { DeploymentVersion } from './fold.js'

/** The column of a member of a deployment. */
export interface FieldColumn {
  name: string
  type: 'text' | 'uuid' | 'timestamptz' | 'boolean' | 'json'
  /** Whether a value can be so long that pages of records are bounded by its size. */
  large?: true
}

/** The column of each member that events have. */
export const fieldColumns = {
  id: { name: 'deployment_id', type: 'uuid' },
  application: { name: 'application', type: 'text' },
  environment: { name: 'environment', type: 'text' },
  imageTag: { name: 'image_tag', type: 'text' },
  image: { name: 'image', type: 'text' },
  gitCommit: { name: 'git_commit', type: 'text' },
  gitBranch: { name: 'git_branch', type: 'text' },
  status: { name: 'status', type: 'text' },
  deployedAt: { name: 'deployed_at', type: 'timestamptz' },
  completedAt: { name: 'completed_at', type: 'timestamptz' },
  rolledBackAt: { name: 'rolled_back_at', type: 'timestamptz' },
  rollbackReason: { name: 'rollback_reason', type: 'text' },
  rollbackOf: { name: 'rollback_of', type: 'uuid' },
  failureReason: { name: 'failure_reason', type: 'text' },
  actor: { name: 'actor', type: 'text' },
  pipeline: { name: 'pipeline', type: 'json' },
  commits: { name: 'commits', type: 'json', large: true },
  notes: { name: 'notes', type: 'text', large: true },
  migrations: { name: 'migrations', type: 'json', large: true },
  unplanned: { name: 'unplanned', type: 'boolean' },
  labels: { name: 'labels', type: 'json', large: true },
  duringFreeze: { name: 'during_freeze', type: 'text' },
} as const satisfies Record<RecordedField, FieldColumn>

export const columnOf = (field: RecordedField): FieldColumn => fieldColumns[field]

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
  ...recordedFields.map(field => ({ ...columnOf(field), value: valueOf(field) })),
  { name: 'environment_name', type: 'text', value: version => version.environmentName },
  { name: 'succeeded', type: 'boolean', value: ({ record }) => record.succeeded },
  { name: 'finished_at', type: 'timestamptz', value: ({ record }) => record.completedAt ?? record.deployedAt },
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

function valueOf(field: RecordedField): Column<DeploymentVersion>['value'] {
  return ({ record }) => {
    const value: FieldValue<RecordedField> | undefined = record[field]
    return typeof value === 'object' ? JSON.stringify(value) : value
  }
}

/** SQL: arguments of json_build_object: members of `alias` by name, those that events have, each as in an event. */
export function eventMembers(alias: string): string {
  const valueIn = ({ name, type }: FieldColumn) =>
    type === 'timestamptz' ? `instant(${alias}.${name})` : `${alias}.${name}`
  return recordedFields.map(field => `'${field}', ${valueIn(columnOf(field))}`).join(', ')
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
