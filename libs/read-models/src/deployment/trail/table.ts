import { Column, Entity, PrimaryColumn } from 'typeorm'

/** The audit trail of a deployment, one row per event. */
@Entity({ name: 'deployment_event' })
export class DeploymentEventRow {
  @PrimaryColumn({ type: 'text', collation: 'C' })
  tenant: string

  @PrimaryColumn({ name: 'deployment_id', type: 'uuid' })
  deploymentId: string

  /** Its version in the deployment's stream, from 1. */
  @PrimaryColumn({ type: 'integer' })
  version: number

  @Column({ type: 'smallint' })
  partition: number

  @Column({ type: 'bigint' })
  seq: string

  /** `id` of the CloudEvent. */
  @Column({ name: 'event_id', type: 'uuid' })
  eventId: string

  /** `type` of the CloudEvent, as recorded. */
  @Column({ type: 'text', collation: 'C' })
  type: string

  @Column({ type: 'text', nullable: true })
  actor: string | null

  @Column({ type: 'timestamptz', precision: 3 })
  time: Date

  @Column({ name: 'recorded_at', type: 'timestamptz', precision: 3 })
  recordedAt: Date

  /** As in the log, byte for byte: json, not jsonb. */
  @Column({ type: 'json' })
  data: unknown
}
