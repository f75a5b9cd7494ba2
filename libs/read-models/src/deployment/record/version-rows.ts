import { type FieldValue, storedFields, type StoredField } from '#libs/contracts'
import { rowSet, type Column } from '#libs/postgres'
import { logOrder } from '../../sql/log-order.js'
import { columnOf } from './columns.js'
import type { DeploymentVersion } from './fold.js'

/** The column of each part of a deployment version. */
export const versionColumns: readonly Column<DeploymentVersion>[] = [
  { name: 'tenant', type: 'text', value: version => version.tenant },
  ...storedFields.map(field => ({ ...columnOf(field), value: valueOf(field) })),
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

/** Versions of deployments, for statements. */
export const versionRows = rowSet('version', versionColumns)

function valueOf(field: StoredField): Column<DeploymentVersion>['value'] {
  return ({ record }) => {
    const value: FieldValue<StoredField> | undefined = record[field]
    return typeof value === 'object' ? JSON.stringify(value) : value
  }
}
