/** A position in the log: the n-th event (from 1) of one partition. */
export interface Position {
  partition: number
  seq: number
}

/** The highest known seq by partition. */
export type Positions = ReadonlyMap<number, number>

function formatPosition({ partition, seq }: Position): string {
  return `${partition}:${seq}`
}

/** Formats positions for `Shiplog-Position`, ordered by partition: `3:17,5:2`. */
export function formatPositions(positions: Positions): string {
  return [...positions]
    .toSorted(([a], [b]) => a - b)
    .map(([partition, seq]) => formatPosition({ partition, seq }))
    .join(',')
}

/** Parses positions such as `3:17,5:2`; `undefined` for anything else. */
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
