import { Column, Entity, Index, PrimaryColumn } from 'typeorm'

/**
 * What ran in each application and environment, as a function of time: one row for each change of it. What a row says holds until the
 * next one of its place; before the first one nothing ran there.
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

  /** Empty, as what follows: nothing ran. */
  @Column({ name: 'deployment_id', type: 'uuid', nullable: true })
  deploymentId: string | null

  @Column({ name: 'image_tag', type: 'text', collation: 'C', nullable: true })
  imageTag: string | null

  @Column({ name: 'deployed_at', type: 'timestamptz', precision: 3, nullable: true })
  deployedAt: Date | null

  @Column({ name: 'log_order', type: 'bigint', nullable: true })
  logOrder: string | null

  /** Whether it began because what ran before it was rolled back then; else it began because it finished then. */
  @Column({ name: 'by_rollback', type: 'boolean' })
  byRollback: boolean
}
