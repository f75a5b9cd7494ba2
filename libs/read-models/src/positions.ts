import type { ClientBase } from 'pg'
import type { Query } from './query.js'

/** How far a projection has come in one partition. */
export interface ProjectedPosition {
  /** The last event that is projected; 0: none. */
  seq: number
  /** Kafka offset to go on from. */
  nextOffset: number
}

/** Where the projector tells that a projection has moved on, once that is committed: `<projection> <partition>:<seq>`. */
export const PROGRESS_CHANNEL = 'shiplog_read_v1'

/** Positions of a projection, by partition. */
export async function readPositions(query: Query, projection: string): Promise<Map<number, ProjectedPosition>> {
  const rows = await query<{ partition: number; seq: string; next_offset: string }>({
    text: 'SELECT partition, seq, next_offset FROM read_v1.projection_position WHERE projection = $1',
    values: [projection],
  })
  return new Map(
    rows.map(({ partition, seq, next_offset }) => [partition, { seq: Number(seq), nextOffset: Number(next_offset) }]),
  )
}

/** Makes the positions that are not there yet, so that advancing is an update and nothing else. */
export async function preparePositions(query: Query, projection: string, partitions: number): Promise<void> {
  await query({
    text: `
      INSERT INTO read_v1.projection_position (projection, partition, seq, next_offset)
      SELECT $1, partition, 0, 0 FROM generate_series(0, $2::int - 1) AS partition
      ON CONFLICT DO NOTHING`,
    values: [projection, partitions],
  })
}

// The lock on the row makes a second owner of the partition wait here, and then find that it has lost.
const ADVANCE = `
  WITH advanced AS (
    UPDATE read_v1.projection_position SET seq = $4, next_offset = $5
    WHERE projection = $1 AND partition = $2 AND seq = $3
    RETURNING projection || ' ' || partition || ':' || seq AS progress
  )
  SELECT pg_notify('${PROGRESS_CHANNEL}', progress) FROM advanced`

/** Compare-and-set of a position in the caller's transaction; false: somebody else has moved it. */
export async function advancePosition(
  connection: ClientBase,
  projection: string,
  partition: number,
  from: ProjectedPosition,
  to: ProjectedPosition,
): Promise<boolean> {
  const values = [projection, partition, from.seq, to.seq, to.nextOffset]
  const { rowCount } = await connection.query({ name: 'advance position', text: ADVANCE, values })
  return rowCount === 1
}
