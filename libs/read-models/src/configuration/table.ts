import { Column, Entity, PrimaryColumn } from 'typeorm'

/** The entry of a key in an environment from one of its revisions on: a value, or its absence. */
@Entity({ name: 'configuration_history' })
export class ConfigurationHistory {
  @PrimaryColumn({ type: 'text', collation: 'C' })
  tenant: string

  /** The pipeline's name of the environment at the time: the name of its stream. */
  @PrimaryColumn({ type: 'text', collation: 'C' })
  environment: string

  /** `configuration` or `flag`. */
  @PrimaryColumn({ type: 'text', collation: 'C' })
  kind: string

  @PrimaryColumn({ type: 'text', collation: 'C' })
  key: string

  /** Revision of the environment: the version of its stream. */
  @PrimaryColumn({ type: 'integer' })
  revision: number

  @Column({ type: 'uuid' })
  id: string

  /** Hash of the canonical JSON, keyed for a secret: equal for equal values. NULL if it was deleted. */
  @Column({ type: 'text', collation: 'C', nullable: true })
  hash: string | null

  /** NULL for a secret and if it was deleted. json, not jsonb, keeps the text as sent. */
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

  /** The promotion that changed it, if any, and whether by its execution or its rollback. */
  @Column({ name: 'promotion_id', type: 'uuid', nullable: true })
  promotionId: string | null

  @Column({ name: 'promotion_action', type: 'text', collation: 'C', nullable: true })
  promotionAction: string | null
}

/** The last time at which a key was a secret: earlier values are never shown. */
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

  /** Position in the partition of the tenant's configurations and promotions. */
  @Column({ type: 'bigint' })
  seq: string
}

/** The current entries of an environment: the latest one of each existing key. */
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
