import type { Metric } from '../definition/metrics.js'
import type { Facts, Version } from './version.js'

/** One row's part in a figure (see metrics/definition/contributions.ts), and its milliseconds where the figure is made of them. */
export type Contribution = [part: string, milliseconds: number | null]

/** What one event changed among the parts of a period. */
export interface ContributionChange {
  event: ChangingEvent
  removed: readonly Contribution[]
  added: readonly Contribution[]
}

/** An event of a deployment. */
export interface ChangingEvent extends Pick<Version, 'knownMs' | 'partition' | 'seq' | 'version'> {
  deploymentId: string
}

/** How many more of each part there are; fewer where the count is negative. */
export type ContributionDifference = Map<string, { contribution: Contribution; count: number }>

/** Is told versions that hold and whose parts may have changed. */
export type Touch = (version: number) => void

/**
 * What the versions that hold at a time make of each other in a metric: the rules of metrics/historical/rows.ts, one event at a time.
 * `enter` and `leave` touch the other versions whose parts may have changed by it.
 */
export interface Relations {
  /** The parts of a version that holds, is not PENDING and is of the environment asked about. */
  contributionsOf(version: number): Contribution[]
  enter(version: number, touch?: Touch): void
  leave(version: number, touch?: Touch): void
}

/** Of the metrics to which a deployment adds by its own facts alone. */
export const ownContributions: { [M in Metric]?: (facts: Facts) => Contribution[] } = {
  deployments: () => [['counted', null]],
  deploymentFrequency: ({ succeeded }) => (succeeded ? [['counted', null]] : []),
  reworkRate: ({ unplanned }) => [[unplanned ? 'unplanned' : 'counted', null]],
  deploymentDuration: ({ succeeded, completed, start, finish }) =>
    succeeded && completed ? [['counted', finish - start]] : [],
}
