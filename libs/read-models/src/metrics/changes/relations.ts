import type { Metric } from '#libs/api'
import type { IncidentEvent } from '../known/known-incidents.js'
import { isCancelled, type Facts, type Version } from '../known/version.js'

/** One row's contribution to a metric (see metrics/definition/contributions.ts), with its milliseconds if the metric has them. */
export type Contribution = [part: string, milliseconds: number | null]

/** The change of a period's contributions by one event. */
export interface ContributionChange {
  event: ChangingEvent
  removed: readonly Contribution[]
  added: readonly Contribution[]
}

/** An event of a deployment or of an incident. */
export type ChangingEvent = Pick<Version, 'knownMs' | 'partition' | 'seq' | 'version'> &
  ({ deploymentId: string; incidentId?: undefined } | { deploymentId?: undefined; incidentId: string })

/** By contribution the change of its count; negative if there are fewer. */
export type ContributionDifference = Map<string, { contribution: Contribution; count: number }>

/** Receives current versions whose contributions may have changed. */
export type Touch = (version: number) => void

/**
 * The relations between the versions that are current at a time in a metric: the rules of metrics/historical/rows.ts, one event at a time.
 * `enter` and `leave` pass on the other versions whose contributions they may change.
 */
export interface Relations {
  /** The contributions of a current version that is not PENDING and in the requested environment. */
  contributionsOf(version: number): Contribution[]
  enter(version: number, touch?: Touch): void
  leave(version: number, touch?: Touch): void
  /** Applies an event of an incident; only where incidents matter. */
  applyIncident?(event: IncidentEvent, touch?: Touch): void
}

/** Of metrics with independent contributions. */
export const ownContributions: { [M in Metric]?: (facts: Facts) => Contribution[] } = {
  deployments: facts => (isCancelled(facts) ? [] : [['counted', null]]),
  deploymentFrequency: ({ succeeded }) => (succeeded ? [['counted', null]] : []),
  cancelled: facts => (isCancelled(facts) ? [['counted', null]] : []),
  reworkRate: facts => (isCancelled(facts) ? [] : [[facts.unplanned ? 'unplanned' : 'counted', null]]),
  deploymentDuration: ({ succeeded, completed, start, finish }) =>
    succeeded && completed ? [['counted', finish - start]] : [],
}
