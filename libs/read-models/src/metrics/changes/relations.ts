import type { Metric } from '../definition/metrics.js'
import type { Part } from './parts.js'
import type { Facts } from './version.js'

/** Is told versions that hold and whose parts may have changed. */
export type Touch = (version: number) => void

/**
 * What the versions that hold at a time make of each other in a metric: the rules of metrics/historical/rows.ts, one event at a time.
 * `enter` and `leave` touch the other versions whose parts may have changed by it.
 */
export interface Relations {
  /** The parts of a version that holds, is not PENDING and is of the environment asked about. */
  partsOf(version: number): Part[]
  enter(version: number, touch?: Touch): void
  leave(version: number, touch?: Touch): void
}

/** Of the metrics to which a deployment adds by its own facts alone. */
export const ownParts: { [M in Metric]?: (facts: Facts) => Part[] } = {
  deployments: () => [['counted', null]],
  deploymentFrequency: ({ succeeded }) => (succeeded ? [['counted', null]] : []),
  reworkRate: ({ unplanned }) => [[unplanned ? 'unplanned' : 'counted', null]],
  deploymentDuration: ({ succeeded, completed, start, finish }) =>
    succeeded && completed ? [['counted', finish - start]] : [],
}
