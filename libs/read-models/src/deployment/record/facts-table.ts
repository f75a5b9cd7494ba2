import { Column, PrimaryColumn } from 'typeorm'

// Ordered by code point.
const text = { type: 'text', collation: 'C' } as const
export const instant = { type: 'timestamptz', precision: 3 } as const

/** The facts of a deployment after its events up to one of them. */
export abstract class DeploymentFacts {
  @PrimaryColumn({ ...text, comment: 'The tenant.' })
  tenant: string

  @PrimaryColumn({ name: 'deployment_id', type: 'uuid', comment: 'The deployment.' })
  deploymentId: string

  @Column({ ...text, comment: 'The application.' })
  application: string

  @Column({ ...text, comment: 'The environment as sent; environment_name is used for comparison.' })
  environment: string

  @Column({ name: 'environment_name', ...text, comment: "The environment, by the pipeline's name." })
  environmentName: string

  @Column({ name: 'image_tag', ...text, comment: 'Tag of the deployed image.' })
  imageTag: string

  @Column({ type: 'text', nullable: true, comment: 'Name of the deployed image.' })
  image: string | null

  @Column({ name: 'git_commit', ...text, nullable: true, comment: 'Commit of the deployed version.' })
  gitCommit: string | null

  @Column({ name: 'git_branch', ...text, nullable: true, comment: 'Branch of the deployed version.' })
  gitBranch: string | null

  @Column({ ...text, comment: 'PENDING, DEPLOYED, FAILED, ROLLED_BACK or CANCELLED.' })
  status: string

  @Column({ type: 'boolean', comment: 'Whether it had succeeded, whether or not it was rolled back later.' })
  succeeded: boolean

  @Column({ name: 'deployed_at', ...instant, comment: 'When it started.' })
  deployedAt: Date

  @Column({ name: 'completed_at', ...instant, nullable: true, comment: 'When it was completed, if that was reported.' })
  completedAt: Date | null

  @Column({ name: 'finished_at', ...instant, comment: 'completed_at, else deployed_at.' })
  finishedAt: Date

  @Column({ name: 'rolled_back_at', ...instant, nullable: true, comment: 'When it was rolled back.' })
  rolledBackAt: Date | null

  @Column({ name: 'rollback_reason', type: 'text', nullable: true, comment: 'Why it was rolled back, as sent.' })
  rollbackReason: string | null

  @Column({
    name: 'rollback_of',
    type: 'uuid',
    nullable: true,
    comment: 'The deployment that this one is reported to undo.',
  })
  rollbackOf: string | null

  @Column({
    name: 'removed_at',
    ...instant,
    nullable: true,
    comment: 'From when on nothing is active there, if it was removed.',
  })
  removedAt: Date | null

  @Column({ name: 'failure_reason', type: 'text', nullable: true, comment: 'Why it failed or was cancelled, as sent.' })
  failureReason: string | null

  @Column({ ...text, nullable: true, comment: 'Who deployed it.' })
  actor: string | null

  @Column({
    type: 'json',
    nullable: true,
    comment: 'The run of the delivery pipeline, as sent; json keeps the order of members.',
  })
  pipeline: unknown

  @Column({ type: 'json', nullable: true, comment: 'The commits that it brings, as sent.' })
  commits: unknown

  @Column({ type: 'text', nullable: true, comment: 'Notes, as sent.' })
  notes: string | null

  @Column({ type: 'json', nullable: true, comment: 'Its database migrations, as sent.' })
  migrations: unknown

  @Column({ type: 'boolean', nullable: true, comment: 'Whether it is unplanned work.' })
  unplanned: boolean | null

  @Column({ type: 'json', nullable: true, comment: 'Labels, as sent.' })
  labels: unknown

  @Column({ name: 'during_freeze', type: 'text', nullable: true, comment: 'The freeze during which it started.' })
  duringFreeze: string | null

  @Column({
    name: 'correlation_id',
    type: 'text',
    nullable: true,
    comment: "Correlation id of the event that recorded it: a promotion's id if it belongs to one.",
  })
  correlationId: string | null

  @Column({ name: 'recorded_at', ...instant, comment: 'When the event that recorded it was appended to the log.' })
  recordedAt: Date

  @Column({ type: 'smallint', comment: 'Partition of its events in the log.' })
  partition: number

  @Column({ name: 'recorded_seq', type: 'bigint', comment: 'Position in the partition of the event that recorded it.' })
  recordedSeq: string

  @Column({
    name: 'log_order',
    type: 'bigint',
    comment: 'partition and recorded_seq in one number, which descends in log order; breaks ties of times.',
  })
  logOrder: string

  @Column({ name: 'last_seq', type: 'bigint', comment: 'Position in the partition of its last event.' })
  lastSeq: string

  @Column({
    name: 'recorded_bytes',
    type: 'integer',
    comment: 'Total size of the data of its events so far: the approximate cost of loading it.',
  })
  recordedBytes: number

  @Column({
    name: 'known_from',
    ...instant,
    comment: 'When all of its events so far were recorded: the latest of their times.',
  })
  knownFrom: Date
}
