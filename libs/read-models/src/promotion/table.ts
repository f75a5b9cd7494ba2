import { Column, Entity, Index, PrimaryColumn } from 'typeorm'

/** One row a promotion: what its events make of it. */
@Entity({ name: 'promotion' })
@Index('promotion_by_creation', ['tenant', 'createdAt', 'logOrder'])
@Index('promotion_open', ['tenant'], { where: `state IN ('VALIDATED', 'APPROVED') OR standing IS NOT NULL` })
export class PromotionRow {
  @PrimaryColumn({ type: 'text', collation: 'C' })
  tenant: string

  @PrimaryColumn({ name: 'promotion_id', type: 'uuid' })
  promotionId: string

  /** By the pipeline as it is now. */
  @Column({ type: 'text', collation: 'C' })
  state: string

  /** By its key, as the target: what is compared. */
  @Column({ name: 'source_environment', type: 'text', collation: 'C' })
  sourceEnvironment: string

  @Column({ name: 'target_environment', type: 'text', collation: 'C' })
  targetEnvironment: string

  @Column({ name: 'created_at', type: 'timestamptz', precision: 3 })
  createdAt: Date

  /** The promotion as the domain folds it, without the values that it moves. */
  @Column({ type: 'json' })
  promotion: unknown

  /** State, quorum and findings by the pipeline as it is now; empty where they are the promotion's own. */
  @Column({ type: 'json', nullable: true })
  standing: unknown

  @Column({ name: 'recorded_at', type: 'timestamptz', precision: 3 })
  recordedAt: Date

  @Column({ type: 'smallint' })
  partition: number

  /** Place in the log of the event that created it, see `logOrder`: breaks ties of `created_at`. */
  @Column({ name: 'log_order', type: 'bigint' })
  logOrder: string

  @Column({ name: 'last_seq', type: 'bigint' })
  lastSeq: string

  @Column({ type: 'integer' })
  version: number
}

/** Who did what to a promotion, and what that changed. */
@Entity({ name: 'promotion_event' })
export class PromotionEventRow {
  @PrimaryColumn({ type: 'text', collation: 'C' })
  tenant: string

  @PrimaryColumn({ name: 'promotion_id', type: 'uuid' })
  promotionId: string

  /** Its place in the promotion's own stream, from 1. */
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

  /** As it stands in the log, but for secrets: they are masked. */
  @Column({ type: 'json' })
  data: unknown
}
