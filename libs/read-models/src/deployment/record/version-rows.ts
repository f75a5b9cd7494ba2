import { type FieldValue, recordedFields, type RecordedField } from '#libs/contracts'
import { plainArray, textArray } from '#libs/postgres'
import { logOrder } from '../../sql/log-order.js'
import { columnOf } from './columns.js'
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
