import { Column, Entity, Index, PrimaryColumn } from 'typeorm'

const instant = { type: 'timestamptz', precision: 3 } as const
const environmentName = {
  name: 'environment_name',
  type: 'text',
  collation: 'C',
  comment: "The environment, by the pipeline's name.",
} as const
const measure = {
  type: 'text',
  collation: 'C',
  comment: 'duration, promotion, recovery, inferred recovery, inferred incident recovery or lead.',
} as const

@Entity({
  name: 'deployment_metric',
  comment: 'The contributions of a finished deployment to the metrics. One row per deployment that is not PENDING.',
})
@Index('deployment_metric_by_environment', ['tenant', 'environmentName', 'finishedAt'])
@Index('deployment_metric_by_incident', ['tenant', 'application', 'environmentName', 'incidentAt'], {
  where: 'incident_open',
})
export class DeploymentMetric {
  @PrimaryColumn({ type: 'text', collation: 'C', comment: 'The tenant.' })
  tenant: string

  @PrimaryColumn({ type: 'text', collation: 'C', comment: 'The application.' })
  application: string

  @PrimaryColumn(environmentName)
  environmentName: string

  @PrimaryColumn({ name: 'finished_at', type: 'timestamptz', precision: 3, comment: 'When the deployment finished.' })
  finishedAt: Date

  @PrimaryColumn({ name: 'log_order', type: 'bigint', comment: 'Place of the deployment in log order.' })
  logOrder: string

  @Column({ name: 'deployment_id', type: 'uuid', comment: 'The deployment.' })
  deploymentId: string

  @Column({ name: 'image_tag', type: 'text', collation: 'C', comment: 'Its tag.' })
  imageTag: string

  @Column({ type: 'boolean', comment: 'Whether it had succeeded.' })
  succeeded: boolean

  @Column({ type: 'boolean', comment: 'Whether it was cancelled: it counts as nothing else.' })
  cancelled: boolean

  @Column({
    name: 'failure_kind',
    type: 'text',
    collation: 'C',
    nullable: true,
    comment:
      'failed, else reported as rolled back, else inferred, else incident (it has an incident); NULL without a failure.',
  })
  failureKind: string | null

  @Column({ type: 'boolean', comment: 'Whether it is unplanned work.' })
  unplanned: boolean

  @Column({
    name: 'duration_ms',
    type: 'bigint',
    nullable: true,
    comment: 'Milliseconds from start to completion, of a success that reported both.',
  })
  durationMs: string | null

  @Column({
    name: 'recovered_at',
    ...instant,
    nullable: true,
    comment:
      'Of a failure: the finish of the next success in its slot, or when its incidents were resolved; NULL if it is open.',
  })
  recoveredAt: Date | null

  @Column({
    name: 'incident_at',
    ...instant,
    nullable: true,
    comment:
      'When its first incident started; NULL without one, and if it failed or is reported as rolled back, which count before incidents.',
  })
  incidentAt: Date | null

  @Column({
    name: 'incident_recovered_at',
    ...instant,
    nullable: true,
    comment:
      'When its last incident was resolved, or while one is open, the finish of the next success after incident_at; NULL if there is none.',
  })
  incidentRecoveredAt: Date | null

  @Column({
    name: 'incident_open',
    type: 'boolean',
    nullable: true,
    comment: 'Whether one of its incidents is open; NULL if incident_at is.',
  })
  incidentOpen: boolean | null

  @Column({
    name: 'promotion_lead_ms',
    type: 'bigint',
    nullable: true,
    comment:
      "Of the first success of a tag: milliseconds since its first one in the pipeline's first environment; NULL if that was later, or never.",
  })
  promotionLeadMs: string | null

  @Column({
    name: 'commit_lead_ms',
    type: 'bigint',
    array: true,
    comment: 'Milliseconds from commit to finish, of each of its commits that no earlier success had brought.',
  })
  commitLeadMs: string[]
}

@Entity({
  name: 'deployment_counter',
  comment: 'Counters of the deployments that finished in an environment in an hour or day of UTC. No row without any.',
})
export class DeploymentCounter {
  @PrimaryColumn({ type: 'text', collation: 'C', comment: 'The tenant.' })
  tenant: string

  @PrimaryColumn(environmentName)
  environmentName: string

  @PrimaryColumn({ type: 'text', collation: 'C', comment: 'hour or day.' })
  grain: string

  @PrimaryColumn({ type: 'timestamptz', precision: 3, comment: 'Start of the hour or day.' })
  start: Date

  @Column({ type: 'integer', comment: 'Number of deployments that are neither PENDING nor CANCELLED.' })
  deployments: number

  @Column({ type: 'integer', comment: 'Number of successes.' })
  successes: number

  @Column({ type: 'integer', comment: 'Number that failed.' })
  failed: number

  @Column({ type: 'integer', comment: 'Number that were reported as rolled back.' })
  reported: number

  @Column({ type: 'integer', comment: 'Number that were rolled back by inference.' })
  inferred: number

  @Column({ type: 'integer', comment: 'Number of unplanned ones.' })
  unplanned: number

  @Column({ type: 'integer', comment: 'Number of failures with a later success, inferred ones included.' })
  recovered: number

  @Column({ name: 'recovered_inferred', type: 'integer', comment: 'Number of inferred failures with a later success.' })
  recoveredInferred: number

  @Column({ type: 'integer', comment: 'Number that were cancelled.' })
  cancelled: number

  @Column({ type: 'integer', comment: 'Number that had an incident and are no failure otherwise.' })
  incidents: number

  @Column({ name: 'inferred_incidents', type: 'integer', comment: 'Number of inferred ones with an incident.' })
  inferredIncidents: number

  @Column({
    name: 'recovered_inferred_incidents',
    type: 'integer',
    comment: 'Number of those that have recovered from it.',
  })
  recoveredInferredIncidents: number
}

@Entity({
  name: 'deployment_histogram',
  comment: 'Distribution of the values of a measure over bins (see value_bin), by the finish of their deployments.',
})
export class DeploymentHistogram {
  @PrimaryColumn({ type: 'text', collation: 'C', comment: 'The tenant.' })
  tenant: string

  @PrimaryColumn(environmentName)
  environmentName: string

  @PrimaryColumn(measure)
  measure: string

  @PrimaryColumn({
    type: 'text',
    collation: 'C',
    comment: 'week or four weeks; bin groups: four weeks, where bin is a bin group.',
  })
  grain: string

  @PrimaryColumn({ type: 'timestamptz', precision: 3, comment: 'Start of the weeks.' })
  start: Date

  @PrimaryColumn({ type: 'integer', comment: 'Bin of the values, or bin group.' })
  bin: number

  @Column({ type: 'integer', comment: 'Number of values.' })
  count: number
}

@Entity({
  name: 'deployment_value',
  comment: 'The values of a measure by bin, so that a quantile is found within one bin. Zeros are omitted.',
})
export class DeploymentValue {
  @PrimaryColumn({ type: 'text', collation: 'C', comment: 'The tenant.' })
  tenant: string

  @PrimaryColumn(environmentName)
  environmentName: string

  @PrimaryColumn(measure)
  measure: string

  @PrimaryColumn({ type: 'integer', comment: 'Bin of the value.' })
  bin: number

  @PrimaryColumn({ name: 'finished_at', type: 'timestamptz', precision: 3, comment: 'When the deployments finished.' })
  finishedAt: Date

  @PrimaryColumn({ type: 'bigint', comment: 'The value in milliseconds.' })
  value: string

  @Column({ type: 'integer', comment: 'Number of times that it occurs.' })
  count: number
}
