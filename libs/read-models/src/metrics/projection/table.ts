import { Column, Entity, Index, PrimaryColumn } from 'typeorm'

/** The contributions of a finished deployment to the metrics. One row per deployment that is not PENDING. */
@Entity({ name: 'deployment_metric' })
@Index('deployment_metric_by_environment', ['tenant', 'environmentName', 'finishedAt'])
export class DeploymentMetric {
  @PrimaryColumn({ type: 'text', collation: 'C' })
  tenant: string

  @PrimaryColumn({ type: 'text', collation: 'C' })
  application: string

  @PrimaryColumn({ name: 'environment_name', type: 'text', collation: 'C' })
  environmentName: string

  @PrimaryColumn({ name: 'finished_at', type: 'timestamptz', precision: 3 })
  finishedAt: Date

  @PrimaryColumn({ name: 'log_order', type: 'bigint' })
  logOrder: string

  @Column({ name: 'deployment_id', type: 'uuid' })
  deploymentId: string

  @Column({ name: 'image_tag', type: 'text', collation: 'C' })
  imageTag: string

  @Column({ type: 'boolean' })
  succeeded: boolean

  /** Failure kind: `failed`, else `reported` as rolled back, else `inferred`; NULL without a failure. */
  @Column({ name: 'failure_kind', type: 'text', collation: 'C', nullable: true })
  failureKind: string | null

  @Column({ type: 'boolean' })
  unplanned: boolean

  /** Of a success that reported its completion. */
  @Column({ name: 'duration_ms', type: 'bigint', nullable: true })
  durationMs: string | null

  /** Of a failure: the finish of the next success by (finish, log) there, whatever its later status; NULL if it is open. */
  @Column({ name: 'recovered_at', type: 'timestamptz', precision: 3, nullable: true })
  recoveredAt: Date | null

  /** Of the first success of a tag there: the time since its first one in the pipeline's first environment; NULL if that was later, or never. */
  @Column({ name: 'promotion_lead_ms', type: 'bigint', nullable: true })
  promotionLeadMs: string | null

  /** From commit to finish, of each of its `commits` that no earlier success had brought there. */
  @Column({ name: 'commit_lead_ms', type: 'bigint', array: true })
  commitLeadMs: string[]
}

/** Counters of the deployments that finished in an environment in an hour or day of UTC. No row without any. */
@Entity({ name: 'deployment_counter' })
export class DeploymentCounter {
  @PrimaryColumn({ type: 'text', collation: 'C' })
  tenant: string

  @PrimaryColumn({ name: 'environment_name', type: 'text', collation: 'C' })
  environmentName: string

  /** `hour` or `day`. */
  @PrimaryColumn({ type: 'text', collation: 'C' })
  grain: string

  @PrimaryColumn({ type: 'timestamptz', precision: 3 })
  start: Date

  @Column({ type: 'integer' })
  deployments: number

  @Column({ type: 'integer' })
  successes: number

  @Column({ type: 'integer' })
  failed: number

  @Column({ type: 'integer' })
  reported: number

  @Column({ type: 'integer' })
  inferred: number

  @Column({ type: 'integer' })
  unplanned: number

  /** Failures, including inferred rollbacks. */
  @Column({ type: 'integer' })
  recovered: number

  @Column({ name: 'recovered_inferred', type: 'integer' })
  recoveredInferred: number
}

/** Distribution of a measure's values over bins (`value_class`), by the finish of their deployments. */
@Entity({ name: 'deployment_histogram' })
export class DeploymentHistogram {
  @PrimaryColumn({ type: 'text', collation: 'C' })
  tenant: string

  @PrimaryColumn({ name: 'environment_name', type: 'text', collation: 'C' })
  environmentName: string

  /** A measure of measures.ts. */
  @PrimaryColumn({ type: 'text', collation: 'C' })
  measure: string

  /** `week`, or `four weeks`; `bin groups`: four weeks, and `bin` is a bin group. */
  @PrimaryColumn({ type: 'text', collation: 'C' })
  grain: string

  @PrimaryColumn({ type: 'timestamptz', precision: 3 })
  start: Date

  @PrimaryColumn({ type: 'integer' })
  bin: number

  @Column({ type: 'integer' })
  count: number
}

/** The values of a measure by bin: a quantile is found in one bin. Zeros are omitted. */
@Entity({ name: 'deployment_value' })
export class DeploymentValue {
  @PrimaryColumn({ type: 'text', collation: 'C' })
  tenant: string

  @PrimaryColumn({ name: 'environment_name', type: 'text', collation: 'C' })
  environmentName: string

  @PrimaryColumn({ type: 'text', collation: 'C' })
  measure: string

  @PrimaryColumn({ type: 'integer' })
  bin: number

  @PrimaryColumn({ name: 'finished_at', type: 'timestamptz', precision: 3 })
  finishedAt: Date

  /** Milliseconds. */
  @PrimaryColumn({ type: 'bigint' })
  value: string

  @Column({ type: 'integer' })
  count: number
}
