import { Column, Entity, PrimaryColumn } from 'typeorm'

/** The active deployment of each application and environment; no row without one. */
@Entity({ name: 'deployment_current' })
export class DeploymentCurrent {
  @PrimaryColumn({ type: 'text', collation: 'C' })
  tenant: string

  @PrimaryColumn({ type: 'text', collation: 'C' })
  application: string

  @PrimaryColumn({ name: 'environment_name', type: 'text', collation: 'C' })
  environmentName: string

  @Column({ name: 'deployment_id', type: 'uuid' })
  deploymentId: string
}
