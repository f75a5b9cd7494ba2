import { rowSet, statement, type Query } from '#libs/postgres'
import { LIVE_SCHEMA } from '../sql/schema.js'

/** The position of a projection in one partition. */
export interface ProjectedPosition {
  /** The last projected event; 0 without one. */
  seq: number
  /** Kafka offset at which reading continues. */
  nextOffset: number
}

/** The channel on which the projector notifies committed positions: `<projection> <partition>:<seq>`. */
export const PROGRESS_CHANNEL = `shiplog_${LIVE_SCHEMA}`

/** Positions of a projection, by partition. */
export async function readPositions(query: Query, projection: string): Promise<Map<number, ProjectedPosition>> {
  const text = 'SELECT partition, seq, next_offset FROM projection_position WHERE projection = $projection'
  const rows = await query<{ partition: number; seq: string; next_offset: string }>(
    statement('positions', text, { projection }),
  )
  return new Map(
    rows.map(({ partition, seq, next_offset }) => [partition, { seq: Number(seq), nextOffset: Number(next_offset) }]),
  )
}

/** Creates missing positions, so that advancing is always an update. */
export async function preparePositions(query: Query, projection: string, partitions: number): Promise<void> {
  const text = `
    INSERT INTO projection_position (projection, partition, seq, next_offset)
    SELECT $projection, partition, 0, 0 FROM generate_series(0, $partitions::int - 1) AS partition
    ON CONFLICT DO NOTHING`
  await query(statement('prepare positions', text, { projection, partitions }))
}

/** A partition's position before and after some events. */
export interface PositionStep {
  partition: number
  from: ProjectedPosition
  to: ProjectedPosition
}

const positionSteps = rowSet<PositionStep>('step', [
  { name: 'partition', type: 'smallint', value: ({ partition }) => partition },
  { name: 'from_seq', type: 'bigint', value: ({ from }) => from.seq },
  { name: 'to_seq', type: 'bigint', value: ({ to }) => to.seq },
  { name: 'next_offset', type: 'bigint', value: ({ to }) => to.nextOffset },
])

// The row lock makes a second owner of the partition wait here, and then find its position changed. Rows are locked in the order of
// partitions, so that two transactions cannot deadlock.
const ADVANCE = `
  WITH advanced AS (
    UPDATE projection_position AS p SET seq = step.to_seq, next_offset = step.next_offset
    FROM ${positionSteps.sql}
    WHERE p.projection = $projection AND p.partition = step.partition AND p.seq = step.from_seq
    RETURNING p.projection || ' ' || p.partition || ':' || p.seq AS progress
  )
  SELECT pg_notify('shiplog_' || current_schema(), progress) FROM advanced`

/** Compare-and-set of positions in the caller's transaction; false if another process has moved one, and the caller must roll back. */
export async function advancePositions(
  query: Query,
  projection: string,
  steps: readonly PositionStep[],
): Promise<boolean> {
  const inOrder = steps.toSorted((a, b) => a.partition - b.partition)
  const values = { projection, ...positionSteps.values(inOrder) }
  const advanced = await query(statement('advance positions', ADVANCE, values, { plan: 'once' }))
  return advanced.length === steps.length
}
