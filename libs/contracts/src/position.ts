/** A place in the log: the n-th event (from 1) of one partition. Positions of several partitions are a map. */
export interface Position {
  partition: number
  seq: number
}

/** Highest known seq by partition. */
export type Positions = ReadonlyMap<number, number>

/** `3:17`. */
function formatPosition({ partition, seq }: Position): string {
  return `${partition}:${seq}`
}

/** `3:17,5:2`, by partition: the value of `Shiplog-Position`. */
export function formatPositions(positions: Positions): string {
  return [...positions]
    .toSorted(([a], [b]) => a - b)
    .map(([partition, seq]) => formatPosition({ partition, seq }))
    .join(',')
}

/** Reads `3:17,5:2`; `undefined` where it is anything else. */
export function parsePositions(text: string): Positions | undefined {
  const positions = new Map<number, number>()
  for (const part of text.split(',')) {
    const match = /^\s*(\d{1,4}):(\d{1,15})\s*$/.exec(part)
    if (!match) return undefined
    const partition = Number(match[1])
    positions.set(partition, Math.max(Number(match[2]), positions.get(partition) ?? 0))
  }
  return positions
}
