import { Column, Entity, Index, PrimaryColumn } from 'typeorm'

@Entity({
  name: 'deployment_label',
  comment: 'The labels of deployments, one row each; the key orders the deployments with a label by start.',
})
@Index('deployment_label_by_deployment', ['tenant', 'deploymentId'])
export class DeploymentLabel {
  @PrimaryColumn({ type: 'text', collation: 'C', comment: 'The tenant.' })
  tenant: string

  @PrimaryColumn({ type: 'uuid', comment: 'Hash of key and value, which can be too long for an index.' })
  label: string

  @PrimaryColumn({ name: 'deployed_at', type: 'timestamptz', precision: 3, comment: 'When the deployment started.' })
  deployedAt: Date

  @PrimaryColumn({ name: 'log_order', type: 'bigint', comment: 'Place of the deployment in log order.' })
  logOrder: string

  @Column({ name: 'deployment_id', type: 'uuid', comment: 'The deployment.' })
  deploymentId: string
}
