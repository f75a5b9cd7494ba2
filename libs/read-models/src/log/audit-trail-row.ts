import { Column, PrimaryColumn } from 'typeorm'

/** An event in the audit trail of its stream, without the id of that, which is the second column of the key. */
export abstract class AuditTrailRow {
  @PrimaryColumn({ type: 'text', collation: 'C' })
  tenant: string

  /** Its version in the stream, from 1. */
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

  /** As in the log, except for secrets, which are masked; json, not jsonb, keeps it byte for byte. */
  @Column({ type: 'json' })
  data: unknown
}
