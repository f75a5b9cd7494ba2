import { Column, Entity, Index, PrimaryColumn } from 'typeorm'

@Entity({
  name: 'deployment_interval',
  comment:
    'The active deployment of each application and environment as a function of time: a row is valid until the next one of its slot.',
})
@Index('deployment_interval_by_deployment', ['tenant', 'deploymentId'])
@Index('deployment_interval_by_new_tag', ['tenant', 'application', 'environmentName', 'newTag', 'fromAt'], {
  where: 'new_tag',
})
export class DeploymentInterval {
  @PrimaryColumn({ type: 'text', collation: 'C', comment: 'The tenant.' })
  tenant: string

  @PrimaryColumn({ type: 'text', collation: 'C', comment: 'The application.' })
  application: string

  @PrimaryColumn({
    name: 'environment_name',
    type: 'text',
    collation: 'C',
    comment: "The environment, by the pipeline's name.",
  })
  environmentName: string

  @PrimaryColumn({ name: 'from_at', type: 'timestamptz', precision: 3, comment: 'Start of the interval.' })
  fromAt: Date

  @Column({
    name: 'deployment_id',
    type: 'uuid',
    nullable: true,
    comment: 'The active deployment, or the removed one; NULL, like the columns of it, without either.',
  })
  deploymentId: string | null

  @Column({ name: 'image_tag', type: 'text', collation: 'C', nullable: true, comment: 'Its tag.' })
  imageTag: string | null

  @Column({ name: 'deployed_at', type: 'timestamptz', precision: 3, nullable: true, comment: 'When it started.' })
  deployedAt: Date | null

  @Column({ name: 'log_order', type: 'bigint', nullable: true, comment: 'Its place in log order.' })
  logOrder: string | null

  @Column({
    name: 'by_rollback',
    type: 'boolean',
    comment:
      'Whether the interval starts because the previous deployment was rolled back, rather than because this one finished or was removed.',
  })
  byRollback: boolean

  @Column({
    name: 'new_tag',
    type: 'boolean',
    comment: 'Whether its tag begins to be active: the previous interval of the slot has another tag, or none.',
  })
  newTag: boolean

  @Column({ type: 'boolean', comment: 'Whether the deployment has been removed, so that none is active.' })
  removed: boolean
}
