import type { DeploymentRecord } from '#libs/contracts'
import { rowSet, statement, type Query } from '#libs/postgres'
import { logOrder } from '../../sql/log-order.js'
import type { DeploymentChange } from '../record/fold.js'
import { withId } from '../record/index-lookups.js'
import { labelHash } from './labels.js'

const changedDeployments = rowSet<DeploymentChange>('changed', [
  { name: 'tenant', type: 'text', value: ({ tenant }) => tenant },
  { name: 'deployment_id', type: 'uuid', value: ({ record }) => record.id },
])

const DELETE = `
  DELETE FROM deployment_label l USING (
    SELECT l.ctid FROM ${changedDeployments.sql}
    CROSS JOIN LATERAL (SELECT l.ctid FROM deployment_label l WHERE ${withId('l', 'changed')}) l
  ) outdated WHERE l.ctid = outdated.ctid`

interface LabelRow {
  tenant: string
  record: DeploymentRecord
  hash: string
  order: bigint
}

const labels = rowSet<LabelRow>('label', [
  { name: 'tenant', type: 'text', value: ({ tenant }) => tenant },
  { name: 'label', type: 'uuid', value: ({ hash }) => hash },
  { name: 'deployed_at', type: 'timestamptz', value: ({ record }) => record.deployedAt },
  { name: 'log_order', type: 'bigint', value: ({ order }) => order },
  { name: 'deployment_id', type: 'uuid', value: ({ record }) => record.id },
])

const INSERT = `INSERT INTO deployment_label (${labels.columns}) SELECT * FROM ${labels.sql}`

/** Stores the labels of the deployments of a batch; replaces those of deployments that start at another time now. */
export async function refreshLabels(query: Query, changes: readonly DeploymentChange[]): Promise<void> {
  const changed = changes.filter(changesLabels)
  const known = changed.filter(({ before }) => before)
  if (known.length > 0) {
    await query(statement('delete labels', DELETE, changedDeployments.values(known), { plan: 'once' }))
  }
  const rows = changed.flatMap(({ tenant, record, partition, recordedSeq }) =>
    Object.entries(record.labels ?? {}).map(([key, value]) => {
      return { tenant, record, hash: labelHash(key, value), order: logOrder(partition, recordedSeq) }
    }),
  )
  if (rows.length > 0) await query(statement('insert labels', INSERT, labels.values(rows), { plan: 'once' }))
}

function changesLabels({ before, record, stood, recordedSeq }: DeploymentChange): boolean {
  if (!before) return record.labels !== undefined
  // The same object unless the deployment is recorded again, since no correction changes labels.
  if (before.labels !== record.labels || stood?.recordedSeq !== recordedSeq) return true
  return record.labels !== undefined && before.deployedAt !== record.deployedAt
}
