import { Column, PrimaryColumn } from 'typeorm'

/** An event in the audit trail of its stream, without the id of that, which is the second column of the key. */
export abstract class AuditTrailRow {
  @PrimaryColumn({ type: 'text', collation: 'C', comment: 'The tenant.' })
  tenant: string

  @PrimaryColumn({ type: 'integer', comment: 'Number of the event in its stream, from 1.' })
  version: number

  @Column({ type: 'smallint', comment: 'Partition of the event in the log.' })
  partition: number

  @Column({ type: 'bigint', comment: 'Position of the event in the partition.' })
  seq: string

  @Column({ name: 'event_id', type: 'uuid', comment: 'id of the CloudEvent.' })
  eventId: string

  @Column({ type: 'text', collation: 'C', comment: 'type of the CloudEvent, as recorded.' })
  type: string

  @Column({ type: 'text', nullable: true, comment: 'Who caused the event.' })
  actor: string | null

  @Column({ type: 'timestamptz', precision: 3, comment: 'When it happened.' })
  time: Date

  @Column({ name: 'recorded_at', type: 'timestamptz', precision: 3, comment: 'When it was appended to the log.' })
  recordedAt: Date

  @Column({ type: 'json', comment: 'Data of the event as in the log, byte for byte, but with secrets masked.' })
  data: unknown
}
