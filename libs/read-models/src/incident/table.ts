import { Column, Entity, Index, PrimaryColumn } from 'typeorm'
import { AuditTrailRow } from '../log/audit-trail-row.js'

// Ordered by code point.
const text = { type: 'text', collation: 'C' } as const
const instant = { type: 'timestamptz', precision: 3 } as const

@Entity({ name: 'incident', comment: 'One row per incident: its facts, and the deployment to which it belongs.' })
@Index('incident_by_start', ['tenant', 'startedAt', 'logOrder'])
@Index('incident_by_application', ['tenant', 'application', 'startedAt', 'logOrder'])
@Index('incident_by_environment', ['tenant', 'environmentName', 'startedAt', 'logOrder'])
@Index('incident_by_slot', ['tenant', 'application', 'environmentName', 'startedAt', 'logOrder'])
@Index('incident_open', ['tenant', 'startedAt', 'logOrder'], { where: 'resolved_at IS NULL' })
@Index('incident_unattributed', ['tenant', 'environmentName', 'application', 'startedAt'], {
  where: 'deployment_id IS NULL',
})
@Index('incident_by_deployment', ['deploymentId', 'tenant', 'startedAt', 'logOrder'], {
  where: 'deployment_id IS NOT NULL',
})
@Index('incident_by_resolution', ['deploymentId', 'tenant', 'resolvedAt'], { where: 'deployment_id IS NOT NULL' })
@Index('incident_by_named', ['namedDeploymentId', 'tenant', 'startedAt', 'logOrder'], {
  where: 'named_deployment_id IS NOT NULL',
})
export class IncidentRow {
  @PrimaryColumn({ ...text, comment: 'The tenant.' })
  tenant: string

  @PrimaryColumn({ name: 'incident_id', ...text, comment: 'The incident.' })
  incidentId: string

  @Column({ name: 'named_deployment_id', type: 'uuid', nullable: true, comment: 'The deployment that it names.' })
  namedDeploymentId: string | null

  @Column({ name: 'named_application', ...text, nullable: true, comment: 'The application of its event.' })
  namedApplication: string | null

  @Column({ name: 'named_environment', ...text, nullable: true, comment: 'The environment of its event, as sent.' })
  namedEnvironment: string | null

  @Column({
    name: 'deployment_id',
    type: 'uuid',
    nullable: true,
    comment:
      'The deployment to which it belongs: the named one, else the one that was active at its start; NULL if there is none.',
  })
  deploymentId: string | null

  @Column({ ...text, nullable: true, comment: 'The application: that of its event, else of its deployment.' })
  application: string | null

  @Column({ ...text, nullable: true, comment: 'The environment as sent: that of its event, else of its deployment.' })
  environment: string | null

  @Column({ name: 'environment_name', ...text, nullable: true, comment: "The environment, by the pipeline's name." })
  environmentName: string | null

  @Column({ name: 'started_at', ...instant, comment: 'When it started.' })
  startedAt: Date

  @Column({ name: 'resolved_at', ...instant, nullable: true, comment: 'When it was resolved; NULL while it is open.' })
  resolvedAt: Date | null

  @Column({ type: 'text', nullable: true, comment: 'What happened, as sent.' })
  title: string | null

  @Column({ type: 'text', nullable: true, comment: 'Where it is described, as sent.' })
  url: string | null

  @Column({ name: 'recorded_at', ...instant, comment: 'When the event that opened it was appended to the log.' })
  recordedAt: Date

  @Column({ type: 'smallint', comment: 'Partition of its events in the log.' })
  partition: number

  @Column({ name: 'recorded_seq', type: 'bigint', comment: 'Position in the partition of the event that opened it.' })
  recordedSeq: string

  @Column({
    name: 'log_order',
    type: 'bigint',
    comment: 'partition and recorded_seq in one number, which descends in log order; breaks ties of times.',
  })
  logOrder: string

  @Column({ name: 'last_seq', type: 'bigint', comment: 'Position in the partition of its last event.' })
  lastSeq: string

  @Column({ type: 'integer', comment: 'Number of its events so far.' })
  version: number

  @Column({
    name: 'resolution_known_from',
    ...instant,
    nullable: true,
    comment: 'When both its opening and its resolution were recorded; NULL while it is open.',
  })
  resolutionKnownFrom: Date | null
}

@Entity({ name: 'incident_event', comment: 'The audit trail of incidents, one row per event.' })
export class IncidentEventRow extends AuditTrailRow {
  @PrimaryColumn({ name: 'incident_id', ...text, comment: 'The incident.' })
  incidentId: string
}
