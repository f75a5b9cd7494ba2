import { Column, Entity, Index, PrimaryColumn } from 'typeorm'

/**
 * The commits of deployments, one row each, whatever their status. The key orders the successes of an environment by finish: the first one
 * brought the commit there.
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

  /** NULL if only `git_commit` names it. */
  @Column({ name: 'committed_at', type: 'timestamptz', precision: 3, nullable: true })
  committedAt: Date | null
}
