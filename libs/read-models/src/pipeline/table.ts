import { Column, Entity, PrimaryColumn } from 'typeorm'

@Entity({ name: 'tenant_pipeline', comment: 'The pipeline and freezes of a tenant that has set any.' })
export class TenantPipelineRow {
  @PrimaryColumn({ type: 'text', collation: 'C', comment: 'The tenant.' })
  tenant: string

  @Column({ type: 'json', nullable: true, comment: 'Its own pipeline; NULL for the default one.' })
  pipeline: unknown

  @Column({
    type: 'json',
    nullable: true,
    comment: 'The environments of its pipeline in order: name, and the keys of all its names.',
  })
  environments: unknown

  @Column({
    name: 'configuration_names',
    type: 'json',
    nullable: true,
    comment: 'Environments whose configuration has a previous name, by their current name.',
  })
  configurationNames: unknown

  @Column({ type: 'json', nullable: true, comment: 'Its freezes.' })
  freezes: unknown

  @Column({ type: 'integer', comment: 'Version of its stream.' })
  version: number
}

@Entity({ name: 'key_schema', comment: 'The JSON Schema for the values of some keys of a tenant.' })
export class KeySchemaRow {
  @PrimaryColumn({ type: 'text', collation: 'C', comment: 'The tenant.' })
  tenant: string

  @PrimaryColumn({ name: 'key_pattern', type: 'text', collation: 'C', comment: 'Pattern of the keys.' })
  keyPattern: string

  @Column({ type: 'json', comment: 'The schema as sent; json keeps the order of members.' })
  schema: unknown

  @Column({ name: 'updated_at', type: 'timestamptz', precision: 3, comment: 'When it was set.' })
  updatedAt: Date

  @Column({ name: 'updated_by', type: 'text', nullable: true, comment: 'Who set it.' })
  updatedBy: string | null
}
