import { Column, Entity, Index, PrimaryColumn } from 'typeorm'
import { AuditTrailRow } from '../log/audit-trail-row.js'

/** One row per promotion: its state after its events. */
@Entity({ name: 'promotion' })
@Index('promotion_by_creation', ['tenant', 'createdAt', 'logOrder'])
@Index('promotion_open', ['tenant'], { where: `state IN ('VALIDATED', 'APPROVED') OR standing IS NOT NULL` })
export class PromotionRow {
  @PrimaryColumn({ type: 'text', collation: 'C' })
  tenant: string

  @PrimaryColumn({ name: 'promotion_id', type: 'uuid' })
  promotionId: string

  /** By the current pipeline. */
  @Column({ type: 'text', collation: 'C' })
  state: string

  /** By its key, like the target, for comparison. */
  @Column({ name: 'source_environment', type: 'text', collation: 'C' })
  sourceEnvironment: string

  @Column({ name: 'target_environment', type: 'text', collation: 'C' })
  targetEnvironment: string

  @Column({ name: 'created_at', type: 'timestamptz', precision: 3 })
  createdAt: Date

  /** The promotion's state in the domain, without the moved values. */
  @Column({ type: 'json' })
  promotion: unknown

  /** State, quorum and findings by the current pipeline; NULL if they are the promotion's own. */
  @Column({ type: 'json', nullable: true })
  standing: unknown

  @Column({ name: 'recorded_at', type: 'timestamptz', precision: 3 })
  recordedAt: Date

  @Column({ type: 'smallint' })
  partition: number

  /** Log position of the event that created it, see `logOrder`; breaks ties of `created_at`. */
  @Column({ name: 'log_order', type: 'bigint' })
  logOrder: string

  @Column({ name: 'last_seq', type: 'bigint' })
  lastSeq: string

  @Column({ type: 'integer' })
  version: number
}

/** The audit trail of a promotion: actors, actions and changes. */
@Entity({ name: 'promotion_event' })
export class PromotionEventRow extends AuditTrailRow {
  @PrimaryColumn({ name: 'promotion_id', type: 'uuid' })
  promotionId: string
}
