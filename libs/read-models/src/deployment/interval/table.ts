import { Column, Entity, Index, PrimaryColumn } from 'typeorm'

/**
 * The active deployment of each application and environment as a function of time: one row per change. A row is valid until the next one of
 * its slot; before the first one no deployment was active.
 */
@Entity({ name: 'deployment_interval' })
@Index('deployment_interval_by_deployment', ['tenant', 'deploymentId'])
export class DeploymentInterval {
  @PrimaryColumn({ type: 'text', collation: 'C' })
  tenant: string

  @PrimaryColumn({ type: 'text', collation: 'C' })
  application: string

  @PrimaryColumn({ name: 'environment_name', type: 'text', collation: 'C' })
  environmentName: string

  @PrimaryColumn({ name: 'from_at', type: 'timestamptz', precision: 3 })
  fromAt: Date

  /** NULL, like the following columns, if no deployment is active. */
  @Column({ name: 'deployment_id', type: 'uuid', nullable: true })
  deploymentId: string | null

  @Column({ name: 'image_tag', type: 'text', collation: 'C', nullable: true })
  imageTag: string | null

  @Column({ name: 'deployed_at', type: 'timestamptz', precision: 3, nullable: true })
  deployedAt: Date | null

  @Column({ name: 'log_order', type: 'bigint', nullable: true })
  logOrder: string | null

  /** Whether it starts because the previous deployment was rolled back then, rather than because it finished then. */
  @Column({ name: 'by_rollback', type: 'boolean' })
  byRollback: boolean
}
