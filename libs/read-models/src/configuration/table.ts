import { Column, Entity, PrimaryColumn } from 'typeorm'

/** What stood under a key of an environment from one of its revisions on: a value, or nothing any more. */
@Entity({ name: 'configuration_history' })
export class ConfigurationHistory {
  @PrimaryColumn({ type: 'text', collation: 'C' })
  tenant: string

  /** The pipeline's name of it at the time: the name of its stream. */
  @PrimaryColumn({ type: 'text', collation: 'C' })
  environment: string

  /** `configuration` or `flag`. */
  @PrimaryColumn({ type: 'text', collation: 'C' })
  kind: string

  @PrimaryColumn({ type: 'text', collation: 'C' })
  key: string

  /** Of the environment: the version of its stream. */
  @PrimaryColumn({ type: 'integer' })
  revision: number

  @Column({ type: 'uuid' })
  id: string

  /** Of the canonical JSON, keyed for a secret: equal for equal values. Empty: it was deleted. */
  @Column({ type: 'text', collation: 'C', nullable: true })
  hash: string | null

  /** Empty for a secret, and where it was deleted. json, not jsonb: it goes out as it came in. */
  @Column({ type: 'json', nullable: true })
  value: unknown

  /** Whether it was a secret, or became one later. */
  @Column({ type: 'boolean' })
  secret: boolean

  @Column({ type: 'text', nullable: true })
  description: string | null

  @Column({ name: 'changed_at', type: 'timestamptz', precision: 3 })
  changedAt: Date

  @Column({ name: 'changed_by', type: 'text', nullable: true })
  changedBy: string | null

  @Column({ name: 'recorded_at', type: 'timestamptz', precision: 3 })
  recordedAt: Date

  @Column({ type: 'smallint' })
  partition: number

  @Column({ type: 'bigint' })
  seq: string

  /** The promotion that changed it, if one did, and whether by being executed or rolled back. */
  @Column({ name: 'promotion_id', type: 'uuid', nullable: true })
  promotionId: string | null

  @Column({ name: 'promotion_action', type: 'text', collation: 'C', nullable: true })
  promotionAction: string | null
}

/** The last time that a key was a secret: whatever it was before is shown to nobody. */
@Entity({ name: 'configuration_secret' })
export class ConfigurationSecret {
  @PrimaryColumn({ type: 'text', collation: 'C' })
  tenant: string

  @PrimaryColumn({ type: 'text', collation: 'C' })
  environment: string

  @PrimaryColumn({ type: 'text', collation: 'C' })
  kind: string

  @PrimaryColumn({ type: 'text', collation: 'C' })
  key: string

  @Column({ type: 'integer' })
  revision: number

  /** Place in the partition of the tenant's configurations and promotions. */
  @Column({ type: 'bigint' })
  seq: string
}

/** What stands under the keys of an environment: of each key that is there the latest of its history. */
@Entity({ name: 'configuration_current' })
export class ConfigurationCurrent {
  @PrimaryColumn({ type: 'text', collation: 'C' })
  tenant: string

  @PrimaryColumn({ type: 'text', collation: 'C' })
  environment: string

  @PrimaryColumn({ type: 'text', collation: 'C' })
  kind: string

  @PrimaryColumn({ type: 'text', collation: 'C' })
  key: string

  @Column({ type: 'integer' })
  revision: number

  @Column({ type: 'uuid' })
  id: string

  @Column({ type: 'text', collation: 'C' })
  hash: string

  @Column({ type: 'json', nullable: true })
  value: unknown

  @Column({ type: 'boolean' })
  secret: boolean

  @Column({ type: 'text', nullable: true })
  description: string | null

  @Column({ name: 'changed_at', type: 'timestamptz', precision: 3 })
  changedAt: Date

  @Column({ name: 'changed_by', type: 'text', nullable: true })
  changedBy: string | null
}
