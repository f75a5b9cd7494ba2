import { parsePositions, type Positions } from '#libs/contracts'

/** The result of a query, from one snapshot. */
export interface QueryResult<Body> {
  body: Body
  /** The positions that it reflects, in the form of `Shiplog-Position`. */
  positions: string
}

/** JSON built by Postgres, returned unchanged. `undefined` if not found. */
export type JsonText = string

/** A page of a list; `next` is the cursor of the following page. */
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

/** Parses the result of `positionsSql`. */
export function positionsOf({ positions }: { positions: string }): Positions {
  return (positions && parsePositions(positions)) || new Map()
}

/** Whether positions have reached the requested ones. */
export function reaches(positions: Positions, minimum: Positions): boolean {
  return [...minimum].every(([partition, seq]) => (positions.get(partition) ?? 0) >= seq)
}
