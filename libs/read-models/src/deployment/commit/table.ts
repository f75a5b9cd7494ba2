import { Column, Entity, Index, PrimaryColumn } from 'typeorm'

@Entity({
  name: 'deployment_commit',
  comment: 'The commits of deployments, one row each; the key orders the successes that bring a commit by finish.',
})
@Index('deployment_commit_by_deployment', ['tenant', 'deploymentId'])
export class DeploymentCommit {
  @PrimaryColumn({ type: 'text', collation: 'C', comment: 'The tenant.' })
  tenant: string

  @PrimaryColumn({ type: 'text', collation: 'C', comment: 'The commit.' })
  sha: string

  @PrimaryColumn({ type: 'text', collation: 'C', comment: 'The application.' })
  application: string

  @PrimaryColumn({
    name: 'environment_name',
    type: 'text',
    collation: 'C',
    comment: "The environment, by the pipeline's name.",
  })
  environmentName: string

  @PrimaryColumn({ type: 'boolean', comment: 'Whether the deployment had succeeded.' })
  succeeded: boolean

  @PrimaryColumn({ name: 'finished_at', type: 'timestamptz', precision: 3, comment: 'When the deployment finished.' })
  finishedAt: Date

  @PrimaryColumn({ name: 'log_order', type: 'bigint', comment: 'Place of the deployment in log order.' })
  logOrder: string

  @Column({ name: 'deployment_id', type: 'uuid', comment: 'The deployment.' })
  deploymentId: string

  @Column({
    name: 'committed_at',
    type: 'timestamptz',
    precision: 3,
    nullable: true,
    comment: "When it was committed; NULL if it is known from the deployment's single commit only.",
  })
  committedAt: Date | null
}

@Entity({
  name: 'deployment_changed_commit',
  comment:
    'The commits of deployments whose list of commits has changed, or that were voided, in any of their versions: what queries of the past look for, while the facts of a version say whether it has the commit.',
})
export class DeploymentChangedCommit {
  @PrimaryColumn({ type: 'text', collation: 'C', comment: 'The tenant.' })
  tenant: string

  @PrimaryColumn({ type: 'text', collation: 'C', comment: 'The commit.' })
  sha: string

  @PrimaryColumn({ name: 'deployment_id', type: 'uuid', comment: 'The deployment.' })
  deploymentId: string
}
