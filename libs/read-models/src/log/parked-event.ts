import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { Query } from '../sql/query.js'

/** An event that a projection could not apply: its partition waits in front of it. */
@Entity({ name: 'parked_event' })
export class ParkedEventRow {
  @PrimaryColumn({ type: 'text', collation: 'C' })
  projection: string

  @PrimaryColumn({ type: 'smallint' })
  partition: number

  @Column({ type: 'bigint' })
  offset: string

  @Column({ type: 'bigint', nullable: true })
  seq: string | null

  @Column({ name: 'event_id', type: 'text', nullable: true })
  eventId: string | null

  @Column({ type: 'text', nullable: true })
  type: string | null

  @Column({ type: 'text' })
  reason: string

  @Column({ name: 'parked_at', type: 'timestamptz', precision: 3, default: () => 'now()' })
  parkedAt: Date
}

/** What is said about a parked event. */
export interface ParkedEvent {
  projection: string
  partition: number
  offset: number
  seq?: number
  eventId?: string
  type?: string
  reason: string
}

/** Keeps why a partition waits, for whoever is to mend it. */
export async function parkEvent(query: Query, event: ParkedEvent): Promise<void> {
  await query({
    text: `
      INSERT INTO parked_event (projection, partition, "offset", seq, event_id, type, reason)
      VALUES ($1, $2, $3, $4, $5, $6, $7)
      ON CONFLICT (projection, partition) DO UPDATE SET "offset" = excluded."offset", seq = excluded.seq,
        event_id = excluded.event_id, type = excluded.type, reason = excluded.reason, parked_at = now()`,
    values: [
      event.projection,
      event.partition,
      event.offset,
      event.seq,
      printable(event.eventId),
      printable(event.type),
      printable(event.reason),
    ],
  })
}

/** The partitions of a projection that an event is parked in. */
export async function parkedPartitions(query: Query, projection: string): Promise<number[]> {
  const rows = await query<{ partition: number }>({
    text: 'SELECT partition FROM parked_event WHERE projection = $1 ORDER BY partition',
    values: [projection],
  })
  return rows.map(({ partition }) => partition)
}

/** Forgets what was parked in a partition: it was applied after all. */
export async function unparkEvent(query: Query, projection: string, partition: number): Promise<void> {
  await query({
    text: 'DELETE FROM parked_event WHERE projection = $1 AND partition = $2',
    values: [projection, partition],
  })
}

// What is kept may be the very text that Postgres has refused.
function printable(text: string | undefined): string | undefined {
  return text?.slice(0, 4000).replaceAll('\0', '\uFFFD').toWellFormed()
}
