import { Column, Entity, Index, PrimaryColumn } from 'typeorm'

/**
 * Which deployments brought a commit: a row each, whatever became of them. The key puts those that succeeded in an environment in the
 * order of their finishes: the first of them brought it there.
 */
@Entity({ name: 'deployment_commit' })
@Index('deployment_commit_by_deployment', ['tenant', 'deploymentId'])
export class DeploymentCommit {
  @PrimaryColumn({ type: 'text', collation: 'C' })
  tenant: string

  @PrimaryColumn({ type: 'text', collation: 'C' })
  sha: string

  @PrimaryColumn({ type: 'text', collation: 'C' })
  application: string

  @PrimaryColumn({ name: 'environment_name', type: 'text', collation: 'C' })
  environmentName: string

  @PrimaryColumn({ type: 'boolean' })
  succeeded: boolean

  @PrimaryColumn({ name: 'finished_at', type: 'timestamptz', precision: 3 })
  finishedAt: Date

  @PrimaryColumn({ name: 'log_order', type: 'bigint' })
  logOrder: string

  @Column({ name: 'deployment_id', type: 'uuid' })
  deploymentId: string

  /** Empty where only `git_commit` names it. */
  @Column({ name: 'committed_at', type: 'timestamptz', precision: 3, nullable: true })
  committedAt: Date | null
}
