import { Column, Entity, PrimaryColumn } from 'typeorm'

@Entity({
  name: 'configuration_history',
  comment: 'The entry of a key in an environment from one of its revisions on: a value, or its absence.',
})
export class ConfigurationHistory {
  @PrimaryColumn({ type: 'text', collation: 'C', comment: 'The tenant.' })
  tenant: string

  @PrimaryColumn({
    type: 'text',
    collation: 'C',
    comment: "The pipeline's name of the environment when its configuration began: the name of the stream.",
  })
  environment: string

  @PrimaryColumn({ type: 'text', collation: 'C', comment: 'configuration or flag.' })
  kind: string

  @PrimaryColumn({ type: 'text', collation: 'C', comment: 'The key.' })
  key: string

  @PrimaryColumn({ type: 'integer', comment: 'Revision of the environment: the version of its stream.' })
  revision: number

  @Column({ type: 'uuid', comment: 'Id of the key, derived from tenant, environment, kind and key.' })
  id: string

  @Column({
    type: 'text',
    collation: 'C',
    nullable: true,
    comment: 'Hash of the canonical JSON, keyed for a secret: equal for equal values. NULL if it was deleted.',
  })
  hash: string | null

  @Column({ type: 'json', nullable: true, comment: 'The value as sent; NULL for a secret, and if it was deleted.' })
  value: unknown

  @Column({ type: 'boolean', comment: 'Whether the value was a secret, or became one later.' })
  secret: boolean

  @Column({ type: 'text', nullable: true, comment: 'Description, as sent.' })
  description: string | null

  @Column({ name: 'changed_at', type: 'timestamptz', precision: 3, comment: 'When it was changed.' })
  changedAt: Date

  @Column({ name: 'changed_by', type: 'text', nullable: true, comment: 'Who changed it.' })
  changedBy: string | null

  @Column({
    name: 'recorded_at',
    type: 'timestamptz',
    precision: 3,
    comment: 'When the change was appended to the log.',
  })
  recordedAt: Date

  @Column({ type: 'smallint', comment: 'Partition of the event in the log.' })
  partition: number

  @Column({ type: 'bigint', comment: 'Position of the event in the partition.' })
  seq: string

  @Column({ name: 'promotion_id', type: 'uuid', nullable: true, comment: 'The promotion that changed it, if any.' })
  promotionId: string | null

  @Column({
    name: 'promotion_action',
    type: 'text',
    collation: 'C',
    nullable: true,
    comment: 'Whether its execution or its rollback changed it.',
  })
  promotionAction: string | null
}

@Entity({
  name: 'configuration_secret',
  comment: 'The last time at which a key was a secret: earlier values are never shown.',
})
export class ConfigurationSecret {
  @PrimaryColumn({ type: 'text', collation: 'C', comment: 'The tenant.' })
  tenant: string

  @PrimaryColumn({
    type: 'text',
    collation: 'C',
    comment: "The pipeline's name of the environment when its configuration began: the name of the stream.",
  })
  environment: string

  @PrimaryColumn({ type: 'text', collation: 'C', comment: 'configuration or flag.' })
  kind: string

  @PrimaryColumn({ type: 'text', collation: 'C', comment: 'The key.' })
  key: string

  @Column({ type: 'integer', comment: 'Revision of the environment: the version of its stream.' })
  revision: number

  @Column({
    type: 'bigint',
    comment: "Position of the event in the partition of the tenant's configurations and promotions.",
  })
  seq: string
}

@Entity({
  name: 'configuration_current',
  comment: 'The current entries of an environment: the latest one of each existing key.',
})
export class ConfigurationCurrent {
  @PrimaryColumn({ type: 'text', collation: 'C', comment: 'The tenant.' })
  tenant: string

  @PrimaryColumn({
    type: 'text',
    collation: 'C',
    comment: "The pipeline's name of the environment when its configuration began: the name of the stream.",
  })
  environment: string

  @PrimaryColumn({ type: 'text', collation: 'C', comment: 'configuration or flag.' })
  kind: string

  @PrimaryColumn({ type: 'text', collation: 'C', comment: 'The key.' })
  key: string

  @Column({ type: 'integer', comment: 'Revision of the environment: the version of its stream.' })
  revision: number

  @Column({ type: 'uuid', comment: 'Id of the key, derived from tenant, environment, kind and key.' })
  id: string

  @Column({
    type: 'text',
    collation: 'C',
    comment: 'Hash of the canonical JSON, keyed for a secret: equal for equal values.',
  })
  hash: string

  @Column({ type: 'json', nullable: true, comment: 'The value as sent; NULL for a secret.' })
  value: unknown

  @Column({ type: 'boolean', comment: 'Whether the value is a secret.' })
  secret: boolean

  @Column({ type: 'text', nullable: true, comment: 'Description, as sent.' })
  description: string | null

  @Column({ name: 'changed_at', type: 'timestamptz', precision: 3, comment: 'When it was changed.' })
  changedAt: Date

  @Column({ name: 'changed_by', type: 'text', nullable: true, comment: 'Who changed it.' })
  changedBy: string | null
}
