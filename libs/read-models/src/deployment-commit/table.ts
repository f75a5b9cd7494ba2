import { Column, Entity, Index, PrimaryColumn } from 'typeorm'

/** Which deployments brought a commit: a row each, whatever became of them. */
@Entity({ name: 'deployment_commit' })
@Index('deployment_commit_by_deployment', ['tenant', 'deploymentId'])
export class DeploymentCommit {
  @PrimaryColumn({ type: 'text', collation: 'C' })
  tenant: string

  @PrimaryColumn({ type: 'text', collation: 'C' })
  sha: string

  @PrimaryColumn({ type: 'text', collation: 'C' })
  application: string

  @PrimaryColumn({ name: 'deployment_id', type: 'uuid' })
  deploymentId: string

  /** Empty where only `git_commit` names it. */
  @Column({ name: 'committed_at', type: 'timestamptz', precision: 3, nullable: true })
  committedAt: Date | null
}
