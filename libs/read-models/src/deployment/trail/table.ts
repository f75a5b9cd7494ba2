import { Entity, PrimaryColumn } from 'typeorm'
import { AuditTrailRow } from '../../log/audit-trail-row.js'

@Entity({ name: 'deployment_event', comment: 'The audit trail of deployments, one row per event.' })
export class DeploymentEventRow extends AuditTrailRow {
  @PrimaryColumn({ name: 'deployment_id', type: 'uuid', comment: 'The deployment.' })
  deploymentId: string
}
