import { Column, Entity, PrimaryColumn } from 'typeorm'

/** The pipeline and freezes of a tenant that has set any. */
@Entity({ name: 'tenant_pipeline' })
export class TenantPipelineRow {
  @PrimaryColumn({ type: 'text', collation: 'C' })
  tenant: string

  /** Its own pipeline; NULL for the default one. */
  @Column({ type: 'json', nullable: true })
  pipeline: unknown

  /** The environments of `pipeline` in their order: `name`, and the `keys` of all its names. */
  @Column({ type: 'json', nullable: true })
  environments: unknown

  /** Environments of `pipeline` whose configuration has a previous name, by their current name. */
  @Column({ name: 'configuration_names', type: 'json', nullable: true })
  configurationNames: unknown

  @Column({ type: 'json', nullable: true })
  freezes: unknown

  /** Version of its stream. */
  @Column({ type: 'integer' })
  version: number
}

/** The JSON Schema for the values of some keys of a tenant. */
@Entity({ name: 'key_schema' })
export class KeySchemaRow {
  @PrimaryColumn({ type: 'text', collation: 'C' })
  tenant: string

  @PrimaryColumn({ name: 'key_pattern', type: 'text', collation: 'C' })
  keyPattern: string

  // json, not jsonb, keeps the order of members as sent.
  @Column({ type: 'json' })
  schema: unknown

  @Column({ name: 'updated_at', type: 'timestamptz', precision: 3 })
  updatedAt: Date

  @Column({ name: 'updated_by', type: 'text', nullable: true })
  updatedBy: string | null
}
