import type { Version } from './version.js'

/** One row's part in a figure (see parts.ts), and its milliseconds where the figure is made of them. */
export type Part = [part: string, milliseconds: number | null]

/** What one event changed among the parts of a period. */
export interface PartChange {
  event: ChangingEvent
  removed: readonly Part[]
  added: readonly Part[]
}

/** An event of a deployment. */
export interface ChangingEvent extends Pick<Version, 'knownMs' | 'partition' | 'seq' | 'version'> {
  deploymentId: string
}

/** How many more of each part there are; fewer where the count is negative. */
export type PartDifference = Map<string, { part: Part; count: number }>
