import { ascending, quantile } from '../../harness/report/statistics.js'

/** A figure at a moment. */
export interface Point {
  /** Since the beginning, in seconds. */
  at: number
  value: number
}

/** Picks the figure that stands for some. */
export type Pick = (values: number[]) => number

export const median: Pick = values => quantile(ascending(values), 0.5)
export const highest: Pick = values => Math.max(...values)

/** The figure that stands for each of so many equal windows, at the middle of its window; empty windows are left out. */
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
