import type { Column } from '#libs/postgres'
import { groupBy } from '../../sql/group-by.js'
import { slotKey, type Slot } from '../record/slot.js'

/** A success that a batch has added to or removed from an order of its slot: by an instant, with ties by the log. */
export interface MovedSuccess extends Slot {
  imageTag: string
  at: string
  logOrder: bigint
  /** Whether it exists now. */
  stands: boolean
}

/** A point in such an order. */
export type Point = Pick<MovedSuccess, 'at' | 'logOrder'>

/** The columns of a point of a row, for the row sets of statements. */
export function pointColumns<Row>(at: string, order: string, pointOf: (row: Row) => Point): Column<Row>[] {
  return [
    { name: at, type: 'timestamptz', value: row => pointOf(row).at },
    { name: order, type: 'bigint', value: row => pointOf(row).logOrder },
  ]
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

/** Before all points. */
export const beginning: Point = { at: '-infinity', logOrder: 0n }
/** After all points. */
export const end: Point = { at: 'infinity', logOrder: 0n }

/**
 * For each success the last success of the batch before it, `-infinity` without one: the previous success cannot be earlier. A backward
 * lookup without an end condition compares all rows of its slot on an index page, ten times the work; in a batch of new deployments each
 * slot has few of them.
 */
export function lastBefore(moved: readonly MovedSuccess[]): Point[] {
  const found = moved.map(() => beginning)
  for (const indexes of inOrder(moved)) {
    let last = beginning
    for (const index of indexes) {
      found[index] = last
      if (moved[index]!.stands) last = moved[index]!
    }
  }
  return found
}

/**
 * For each success the points of the batch directly before and after it in its slot, whether a success exists there now or not. A lookup
 * from a point that stops at the next one reads no point twice. Without that, a lookup from a point where a success has disappeared passes
 * over the index entries of all others that have, which are as many as the batch has moved: for each of them.
 */
export function nextTo(moved: readonly MovedSuccess[]): { before: Point; after: Point }[] {
  const found = moved.map(() => ({ before: beginning, after: end }))
  for (const indexes of inOrder(moved)) {
    for (const [position, index] of indexes.entries()) {
      const [before, after] = [indexes[position - 1], indexes[position + 1]]
      found[index] = {
        before: before === undefined ? beginning : moved[before]!,
        after: after === undefined ? end : moved[after]!,
      }
    }
  }
  return found
}

/** The indexes of the successes of each slot, in order; at one point, that which has disappeared first. */
function inOrder(moved: readonly MovedSuccess[]): number[][] {
  const times = moved.map(({ at }) => Date.parse(at))
  const bySlot = groupBy(moved.keys(), index => slotKey(moved[index]!))
  return [...bySlot.values()].map(indexes =>
    indexes.toSorted((a, b) => times[a]! - times[b]! || byLog(moved[a]!, moved[b]!)),
  )
}

function byLog(a: MovedSuccess, b: MovedSuccess): number {
  if (a.logOrder === b.logOrder) return Number(a.stands) - Number(b.stands)
  return a.logOrder < b.logOrder ? -1 : 1
}
