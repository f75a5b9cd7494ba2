import { Column, Entity, PrimaryColumn } from 'typeorm'

/** How far a projection has come in each partition of the log. */
@Entity({ name: 'projection_position' })
export class ProjectionPosition {
  @PrimaryColumn({ type: 'text', collation: 'C' })
  projection: string

  @PrimaryColumn({ type: 'smallint' })
  partition: number

  /** The last event that it reflects; 0: none. */
  @Column({ type: 'bigint' })
  seq: string

  /** Kafka offset to go on from. */
  @Column({ name: 'next_offset', type: 'bigint' })
  nextOffset: string
}
