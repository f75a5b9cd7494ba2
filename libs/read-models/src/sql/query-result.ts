import { parsePositions, type Positions } from '#libs/contracts'

/** What a question is answered with, from one snapshot. */
export interface QueryResult<Body> {
  body: Body
  /** The positions that it reflects, as `Shiplog-Position` has them. */
  positions: string
}

/** JSON as Postgres has made it; it is sent as it is. `undefined`: there is no such thing. */
export type JsonText = string

/** A part of a list; `next` is the cursor of what follows. */
export interface Page {
  json: JsonText
  next?: string
}

/** SQL: the positions that a statement reflects. */
export function positionsSql(projection: string): string {
  return `coalesce((
    SELECT string_agg(partition || ':' || seq, ',' ORDER BY partition) FROM projection_position
    WHERE projection = '${projection}' AND seq > 0), '')`
}

/** Reads what `positionsSql` has made. */
export function positionsOf({ positions }: { positions: string }): Positions {
  return (positions && parsePositions(positions)) || new Map()
}

/** Whether positions are at, or beyond, those that are asked for. */
export function reaches(positions: Positions, minimum: Positions): boolean {
  return [...minimum].every(([partition, seq]) => (positions.get(partition) ?? 0) >= seq)
}
