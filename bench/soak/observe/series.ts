import { ascending, quantile } from '../../harness/report/statistics.js'

/** A value at a time. */
export interface Point {
  /** Since the start, in seconds. */
  at: number
  value: number
}

/** Selects the value that represents several. */
export type Pick = (values: number[]) => number

export const median: Pick = values => quantile(ascending(values), 0.5)
export const highest: Pick = values => Math.max(...values)

/** The representative value of each of several equal windows, at the middle of its window; empty windows are omitted. */
export function windowed(points: Point[], windows: number, end: number, pick: Pick): Point[] {
  const length = end / windows
  const byWindow = new Map<number, number[]>()
  for (const { at, value } of points) {
    const window = Math.min(windows - 1, Math.floor(at / length))
    const values = byWindow.get(window)
    if (values) values.push(value)
    else byWindow.set(window, [value])
  }
  return [...byWindow]
    .toSorted(([a], [b]) => a - b)
    .map(([window, values]) => ({ at: (window + 0.5) * length, value: pick(values) }))
}
