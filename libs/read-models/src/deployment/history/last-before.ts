import { plainArray } from '../../sql/array-literal.js'
import { groupBy } from '../../sql/group-by.js'
import { slotKey, type Slot } from '../record/slot.js'

/** A success that a batch has put somewhere, or taken away, in an order of its application and environment: an instant, ties by the log. */
export interface MovedSuccess extends Slot {
  imageTag: string
  at: string
  logOrder: bigint
  /** Whether it is there now. */
  stands: boolean
}

/** A point in such an order. */
export type Point = Pick<MovedSuccess, 'at' | 'logOrder'>

/** Points as parameters of a statement: `timestamptz[]`, `bigint[]`. */
export function pointArrays(points: readonly Point[]): [string, string] {
  return [plainArray(points.map(({ at }) => at)), plainArray(points.map(point => point.logOrder))]
}

/** Whether `a` comes before `b`. */
export function isBefore(a: Point, b: Point): boolean {
  const [at, bt] = [Date.parse(a.at), Date.parse(b.at)]
  return at < bt || (at === bt && a.logOrder < b.logOrder)
}

/** The first success of each key. */
export function firstOfEach(moved: readonly MovedSuccess[], keyOf: (success: MovedSuccess) => string): MovedSuccess[] {
  const first = new Map<string, MovedSuccess>()
  for (const success of moved) {
    const key = keyOf(success)
    const known = first.get(key)
    if (!known || isBefore(success, known)) first.set(key, success)
  }
  return [...first.values()]
}

/** Before everything. */
export const beginning: Point = { at: '-infinity', logOrder: 0n }

/**
 * Of each success, where the last one of the batch stands before it; `-infinity` where there is none. So the success just before it
 * cannot be earlier. A probe backwards that does not know where to end compares all rows of its place on a page of the index, ten times as much
 * work as one that does; of news, one batch has a few for each place.
 */
export function lastBefore(moved: readonly MovedSuccess[]): Point[] {
  const bySlot = groupBy(moved.keys(), index => slotKey(moved[index]!))
  const found = moved.map(() => beginning)
  const times = moved.map(({ at }) => Date.parse(at))
  for (const indexes of bySlot.values()) {
    let last = beginning
    for (const index of indexes.toSorted(
      (a, b) => times[a]! - times[b]! || (moved[a]!.logOrder < moved[b]!.logOrder ? -1 : 1),
    )) {
      found[index] = last
      if (moved[index]!.stands) last = moved[index]!
    }
  }
  return found
}
