import { Column, Entity, PrimaryColumn } from 'typeorm'

/** The position of a projection in each partition of the log. */
@Entity({ name: 'projection_position' })
export class ProjectionPosition {
  @PrimaryColumn({ type: 'text', collation: 'C' })
  projection: string

  @PrimaryColumn({ type: 'smallint' })
  partition: number

  /** The last event that it reflects; 0 without one. */
  @Column({ type: 'bigint' })
  seq: string

  /** Kafka offset at which reading continues. */
  @Column({ name: 'next_offset', type: 'bigint' })
  nextOffset: string
}
