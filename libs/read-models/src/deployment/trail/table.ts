import { Entity, PrimaryColumn } from 'typeorm'
import { AuditTrailRow } from '../../log/audit-trail-row.js'

/** The audit trail of a deployment, one row per event. */
@Entity({ name: 'deployment_event' })
export class DeploymentEventRow extends AuditTrailRow {
  @PrimaryColumn({ name: 'deployment_id', type: 'uuid' })
  deploymentId: string
}
