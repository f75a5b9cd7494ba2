import { Column, Entity, PrimaryColumn } from 'typeorm'
import { statement, type Query } from '#libs/postgres'

@Entity({
  name: 'parked_event',
  comment: 'An event that a projection could not apply, and at which its partition is halted.',
})
export class ParkedEventRow {
  @PrimaryColumn({ type: 'text', collation: 'C', comment: 'Name of the projection.' })
  projection: string

  @PrimaryColumn({ type: 'smallint', comment: 'The partition.' })
  partition: number

  @Column({ type: 'bigint', comment: 'Kafka offset of the event.' })
  offset: string

  @Column({ type: 'bigint', nullable: true, comment: 'Position of the event in the partition, if it could be read.' })
  seq: string | null

  @Column({ name: 'event_id', type: 'text', nullable: true, comment: 'id of the CloudEvent, if it could be read.' })
  eventId: string | null

  @Column({ type: 'text', nullable: true, comment: 'type of the CloudEvent, if it could be read.' })
  type: string | null

  @Column({ type: 'text', comment: 'Why it could not be applied.' })
  reason: string

  @Column({
    name: 'parked_at',
    type: 'timestamptz',
    precision: 3,
    default: () => 'now()',
    comment: 'When the partition was halted.',
  })
  parkedAt: Date
}

/** The description of a parked event. */
export interface ParkedEvent {
  projection: string
  partition: number
  offset: number
  seq?: number
  eventId?: string
  type?: string
  reason: string
}

/** Stores why a partition is halted. */
export async function parkEvent(query: Query, event: ParkedEvent): Promise<void> {
  const { projection, partition, offset, seq = null } = event
  const [eventId, type, reason] = [event.eventId, event.type, event.reason].map(printable)
  await query(statement('park an event', PARK, { projection, partition, offset, seq, eventId, type, reason }))
}

const PARK = `
  INSERT INTO parked_event (projection, partition, "offset", seq, event_id, type, reason)
  VALUES ($projection, $partition, $offset, $seq, $eventId, $type, $reason)
  ON CONFLICT (projection, partition) DO UPDATE SET "offset" = excluded."offset", seq = excluded.seq,
    event_id = excluded.event_id, type = excluded.type, reason = excluded.reason, parked_at = now()`

/** The partitions of a projection with a parked event. */
export async function parkedPartitions(query: Query, projection: string): Promise<number[]> {
  const text = 'SELECT partition FROM parked_event WHERE projection = $projection ORDER BY partition'
  const rows = await query<{ partition: number }>(statement('parked partitions', text, { projection }))
  return rows.map(({ partition }) => partition)
}

/** Removes the parked event of a partition that was applied in the end. */
export async function unparkEvent(query: Query, projection: string, partition: number): Promise<void> {
  const text = 'DELETE FROM parked_event WHERE projection = $projection AND partition = $partition'
  await query(statement('unpark an event', text, { projection, partition }))
}

// The text may be what Postgres refused, so it is made storable.
function printable(text: string | undefined): string | null {
  return text?.slice(0, 4000).replaceAll('\0', '\uFFFD').toWellFormed() ?? null
}
