import { Column, Entity, PrimaryColumn } from 'typeorm'

/** What was recorded about a deployment, event by event. */
@Entity({ name: 'deployment_event' })
export class DeploymentEventRow {
  @PrimaryColumn({ type: 'text', collation: 'C' })
  tenant: string

  @PrimaryColumn({ name: 'deployment_id', type: 'uuid' })
  deploymentId: string

  /** Its place in the deployment's own stream, from 1. */
  @PrimaryColumn({ type: 'integer' })
  version: number

  @Column({ type: 'smallint' })
  partition: number

  @Column({ type: 'bigint' })
  seq: string

  /** `id` of the CloudEvent. */
  @Column({ name: 'event_id', type: 'uuid' })
  eventId: string

  /** `type` of the CloudEvent, as it was recorded. */
  @Column({ type: 'text', collation: 'C' })
  type: string

  @Column({ type: 'text', nullable: true })
  actor: string | null

  @Column({ type: 'timestamptz', precision: 3 })
  time: Date

  @Column({ name: 'recorded_at', type: 'timestamptz', precision: 3 })
  recordedAt: Date

  /** As it stands in the log, byte for byte: json, not jsonb. */
  @Column({ type: 'json' })
  data: unknown
}
