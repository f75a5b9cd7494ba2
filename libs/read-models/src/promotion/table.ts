import { Column, Entity, Index, PrimaryColumn } from 'typeorm'
import { AuditTrailRow } from '../log/audit-trail-row.js'

@Entity({ name: 'promotion', comment: 'One row per promotion: its state after its events.' })
@Index('promotion_by_creation', ['tenant', 'createdAt', 'logOrder'])
@Index('promotion_open', ['tenant'], { where: `state IN ('VALIDATED', 'APPROVED') OR standing IS NOT NULL` })
export class PromotionRow {
  @PrimaryColumn({ type: 'text', collation: 'C', comment: 'The tenant.' })
  tenant: string

  @PrimaryColumn({ name: 'promotion_id', type: 'uuid', comment: 'The promotion.' })
  promotionId: string

  @Column({ type: 'text', collation: 'C', comment: 'Its state by the current pipeline.' })
  state: string

  @Column({
    name: 'source_environment',
    type: 'text',
    collation: 'C',
    comment: 'Key of the source environment, for comparison.',
  })
  sourceEnvironment: string

  @Column({
    name: 'target_environment',
    type: 'text',
    collation: 'C',
    comment: 'Key of the target environment, for comparison.',
  })
  targetEnvironment: string

  @Column({ name: 'created_at', type: 'timestamptz', precision: 3, comment: 'When it was created.' })
  createdAt: Date

  @Column({ type: 'json', comment: "The promotion's state in the domain, without the moved values." })
  promotion: unknown

  @Column({
    type: 'json',
    nullable: true,
    comment: "State, quorum and findings by the current pipeline; NULL if they are the promotion's own.",
  })
  standing: unknown

  @Column({
    name: 'recorded_at',
    type: 'timestamptz',
    precision: 3,
    comment: 'When the event that created it was appended to the log.',
  })
  recordedAt: Date

  @Column({ type: 'smallint', comment: 'Partition of its events in the log.' })
  partition: number

  @Column({
    name: 'log_order',
    type: 'bigint',
    comment: 'Place of the event that created it in log order; breaks ties of created_at.',
  })
  logOrder: string

  @Column({ name: 'last_seq', type: 'bigint', comment: 'Position in the partition of its last event.' })
  lastSeq: string

  @Column({ type: 'integer', comment: 'Number of its events so far.' })
  version: number
}

@Entity({ name: 'promotion_event', comment: 'The audit trail of promotions, one row per event.' })
export class PromotionEventRow extends AuditTrailRow {
  @PrimaryColumn({ name: 'promotion_id', type: 'uuid', comment: 'The promotion.' })
  promotionId: string
}
