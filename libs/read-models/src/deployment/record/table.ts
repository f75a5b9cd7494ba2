import { Column, Entity, Index, PrimaryColumn } from 'typeorm'

/** The facts of a deployment after its events up to one of them. */
abstract class DeploymentFacts {
  @PrimaryColumn({ type: 'text', collation: 'C' })
  tenant: string

  @PrimaryColumn({ name: 'deployment_id', type: 'uuid' })
  deploymentId: string

  @Column({ type: 'text', collation: 'C' })
  application: string

  /** As sent. */
  @Column({ type: 'text', collation: 'C' })
  environment: string

  /** By the pipeline's name, which is used for comparison. */
  @Column({ name: 'environment_name', type: 'text', collation: 'C' })
  environmentName: string

  @Column({ name: 'image_tag', type: 'text', collation: 'C' })
  imageTag: string

  @Column({ type: 'text', nullable: true })
  image: string | null

  @Column({ name: 'git_commit', type: 'text', collation: 'C', nullable: true })
  gitCommit: string | null

  @Column({ name: 'git_branch', type: 'text', collation: 'C', nullable: true })
  gitBranch: string | null

  @Column({ type: 'text', collation: 'C' })
  status: string

  /** Whether it had succeeded, whether or not it was rolled back later. */
  @Column({ type: 'boolean' })
  succeeded: boolean

  @Column({ name: 'deployed_at', type: 'timestamptz', precision: 3 })
  deployedAt: Date

  @Column({ name: 'completed_at', type: 'timestamptz', precision: 3, nullable: true })
  completedAt: Date | null

  /** `completed_at`, else `deployed_at`. */
  @Column({ name: 'finished_at', type: 'timestamptz', precision: 3 })
  finishedAt: Date

  @Column({ name: 'rolled_back_at', type: 'timestamptz', precision: 3, nullable: true })
  rolledBackAt: Date | null

  @Column({ name: 'rollback_reason', type: 'text', nullable: true })
  rollbackReason: string | null

  /** The deployment that this one is reported to undo. */
  @Column({ name: 'rollback_of', type: 'uuid', nullable: true })
  rollbackOf: string | null

  @Column({ name: 'failure_reason', type: 'text', nullable: true })
  failureReason: string | null

  @Column({ type: 'text', collation: 'C', nullable: true })
  actor: string | null

  // json, not jsonb, keeps the order of members as sent.
  @Column({ type: 'json', nullable: true })
  pipeline: unknown

  @Column({ type: 'json', nullable: true })
  commits: unknown

  @Column({ type: 'text', nullable: true })
  notes: string | null

  @Column({ type: 'json', nullable: true })
  migrations: unknown

  @Column({ type: 'boolean', nullable: true })
  unplanned: boolean | null

  @Column({ type: 'json', nullable: true })
  labels: unknown

  /** The freeze during which it started. */
  @Column({ name: 'during_freeze', type: 'text', nullable: true })
  duringFreeze: string | null

  /** Correlation id of the event that recorded it: a promotion's id if it belongs to one. */
  @Column({ name: 'correlation_id', type: 'text', nullable: true })
  correlationId: string | null

  @Column({ name: 'recorded_at', type: 'timestamptz', precision: 3 })
  recordedAt: Date

  @Column({ type: 'smallint' })
  partition: number

  /** Log position of the event that recorded it; `last_seq` is that of its last event. */
  @Column({ name: 'recorded_seq', type: 'bigint' })
  recordedSeq: string

  /** Partition and `recorded_seq` in one number, see `logOrder`; breaks ties of `deployed_at`. */
  @Column({ name: 'log_order', type: 'bigint' })
  logOrder: string

  @Column({ name: 'last_seq', type: 'bigint' })
  lastSeq: string

  /** Total size of the data of its events so far: the approximate cost of loading it. */
  @Column({ name: 'recorded_bytes', type: 'integer' })
  recordedBytes: number

  /** When all of its events so far were recorded: the latest of their times. */
  @Column({ name: 'known_from', type: 'timestamptz', precision: 3 })
  knownFrom: Date
}

/** One row per deployment: its facts by its own events, and those that follow from its neighbours. */
@Entity({ name: 'deployment_history' })
@Index('deployment_history_by_slot', ['tenant', 'application', 'environmentName', 'deployedAt', 'logOrder'])
@Index('deployment_history_by_application', ['tenant', 'application', 'deployedAt', 'logOrder'])
@Index('deployment_history_by_environment', ['tenant', 'environmentName', 'deployedAt', 'logOrder'])
@Index('deployment_history_by_start', ['tenant', 'deployedAt', 'logOrder'])
@Index('deployment_history_by_tag', ['tenant', 'imageTag', 'application', 'environmentName', 'deployedAt', 'logOrder'])
@Index('deployment_history_by_commit', ['tenant', 'gitCommit', 'deployedAt', 'logOrder'], {
  where: 'git_commit IS NOT NULL',
})
@Index('deployment_history_by_branch', ['tenant', 'gitBranch', 'deployedAt', 'logOrder'], {
  where: 'git_branch IS NOT NULL',
})
@Index('deployment_history_by_actor', ['tenant', 'actor', 'deployedAt', 'logOrder'], { where: 'actor IS NOT NULL' })
@Index('deployment_history_not_deployed', ['tenant', 'status', 'deployedAt', 'logOrder'], {
  where: `status <> 'DEPLOYED'`,
})
@Index('deployment_history_by_finish', ['tenant', 'application', 'environmentName', 'finishedAt'], {
  where: 'finished_at > deployed_at',
})
@Index('deployment_history_by_success', ['tenant', 'application', 'environmentName', 'finishedAt', 'logOrder'], {
  where: 'succeeded',
})
@Index(
  'deployment_history_by_tag_success',
  ['tenant', 'imageTag', 'application', 'environmentName', 'finishedAt', 'logOrder'],
  { where: 'succeeded' },
)
@Index(
  'deployment_history_by_outcome',
  ['tenant', 'application', 'environmentName', 'status', 'deployedAt', 'logOrder'],
  { where: 'succeeded' },
)
@Index(
  'deployment_history_by_tag_outcome',
  ['tenant', 'imageTag', 'application', 'environmentName', 'succeeded', 'deployedAt', 'logOrder'],
  { where: 'succeeded' },
)
@Index('deployment_history_by_mark', ['tenant', 'application', 'environmentName', 'rolledBackAt'], {
  where: 'succeeded AND rolled_back_at > finished_at',
})
@Index(
  'deployment_history_by_rollback',
  ['tenant', 'rollbackOf', 'application', 'environmentName', 'deployedAt', 'logOrder'],
  { where: 'succeeded AND rollback_of IS NOT NULL' },
)
@Index('deployment_history_by_inferred_rollback', ['tenant', 'inferredRollbackOf'], {
  where: 'inferred_rollback_of IS NOT NULL',
})
export class DeploymentHistory extends DeploymentFacts {
  /** The deployment that this one undoes by inference; NULL if one was reported. */
  @Column({ name: 'inferred_rollback_of', type: 'uuid', nullable: true })
  inferredRollbackOf: string | null

  @Column({ type: 'integer' })
  version: number
}

/**
 * A version of a deployment that a later event has replaced, with the time range in which it was known. Most of them were known briefly:
 * the indexes contain the end, so that versions of other times are skipped without reading their rows.
 */
@Entity({ name: 'deployment_superseded' })
@Index('deployment_superseded_by_slot', [
  'tenant',
  'application',
  'environmentName',
  'deployedAt',
  'logOrder',
  'knownUntil',
])
@Index('deployment_superseded_by_application', ['tenant', 'application', 'deployedAt', 'logOrder', 'knownUntil'])
@Index('deployment_superseded_by_environment', ['tenant', 'environmentName', 'deployedAt', 'logOrder', 'knownUntil'])
@Index('deployment_superseded_by_start', ['tenant', 'deployedAt', 'logOrder', 'knownUntil'])
@Index('deployment_superseded_by_tag', [
  'tenant',
  'imageTag',
  'application',
  'environmentName',
  'deployedAt',
  'logOrder',
  'knownUntil',
])
@Index('deployment_superseded_by_commit', ['tenant', 'gitCommit', 'deployedAt', 'logOrder', 'knownUntil'], {
  where: 'git_commit IS NOT NULL',
})
export class DeploymentSuperseded extends DeploymentFacts {
  @PrimaryColumn({ type: 'integer' })
  version: number

  /** When the next version became known. */
  @Column({ name: 'known_until', type: 'timestamptz', precision: 3 })
  knownUntil: Date
}
