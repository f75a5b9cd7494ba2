import { Column, Entity, PrimaryColumn } from 'typeorm'

@Entity({ name: 'projection_position', comment: 'The position of a projection in each partition of the log.' })
export class ProjectionPosition {
  @PrimaryColumn({ type: 'text', collation: 'C', comment: 'Name of the projection.' })
  projection: string

  @PrimaryColumn({ type: 'smallint', comment: 'The partition.' })
  partition: number

  @Column({ type: 'bigint', comment: 'The last event that is projected; 0 without one.' })
  seq: string

  @Column({ name: 'next_offset', type: 'bigint', comment: 'Kafka offset at which reading continues.' })
  nextOffset: string
}
