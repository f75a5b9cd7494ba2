import type { Metric } from '#libs/api'
import type { ChangedPeriods } from './changed-periods.js'
import { FailureKinds } from './failure-kinds.js'
import { FirstArrivals, FirstBringers } from './firsts.js'
import { periodOf, type Period } from './periods.js'
import { incidentEventsOf, type IncidentEvent } from '../known/known-incidents.js'
import { ownContributions, type ChangingEvent, type Relations, type Contribution } from './relations.js'
import { compareKeys } from '../known/event-key.js'
import type { History } from '../known/version.js'
import type { Work } from '../../sql/read-budget.js'

/** The contribution of a deployment to a period. */
interface Held {
  period: number
  contributions: Contribution[]
}

/** Applies the events of an application one by one, and collects the changes of each in past periods since these were known. */
export async function replay(
  history: History,
  metric: Metric,
  periods: readonly Period[],
  changed: ChangedPeriods,
  work: Work,
): Promise<void> {
  const { deployments, versions, incidents } = history
  const known = new KnownState(history, relationsOf(metric, history), periods)
  const steps = stepsOf(history)
  let next = 0
  for (; next < steps.length && steps[next]!.event.knownMs <= periods[0]!.knownMs; next++) {
    known.apply(steps[next]!)
    await work.done(1)
  }
  const held = deployments.map((_, deployment) => known.heldBy(deployment))
  await work.done(deployments.length)
  for (; next < steps.length; next++) {
    const step = steps[next]!
    const { event } = step
    const touched = new Set(step.version === undefined ? [] : [versions[step.version]!.deployment])
    known.apply(step, touched)
    await work.done(incidents.length)
    for (const deployment of touched) {
      const [before, now] = [held[deployment], known.heldBy(deployment)]
      held[deployment] = now
      if (before && before.period === now?.period) {
        const change = {
          event,
          removed: less(before.contributions, now.contributions),
          added: less(now.contributions, before.contributions),
        }
        if (change.removed.length + change.added.length > 0) changed.take(before.period, change)
      } else {
        if (before) changed.take(before.period, { event, removed: before.contributions, added: [] })
        if (now) changed.take(now.period, { event, removed: [], added: now.contributions })
      }
      await work.done(1 + (before?.contributions.length ?? 0) + (now?.contributions.length ?? 0))
    }
  }
}

/** An event: of a deployment, which has a version then, or of an incident. */
type Step = { event: ChangingEvent } & (
  { version: number; ofIncident?: undefined } | { version?: undefined; ofIncident: IncidentEvent }
)

/** The events of an application in the order in which they became known. */
function stepsOf({ deployments, versions, incidents }: History): Step[] {
  const steps: Step[] = versions.map(({ deployment, ...version }, n) => {
    return { event: { ...version, deploymentId: deployments[deployment]!.id }, version: n }
  })
  if (incidents.length === 0) return steps
  const ofIncidents = incidentEventsOf(incidents).map((ofIncident): Step => {
    const { incident, ...key } = ofIncident
    return { event: { ...key, incidentId: incidents[incident]!.id }, ofIncident }
  })
  return [...steps, ...ofIncidents].toSorted((a, b) => compareKeys(a.event, b.event))
}

/** The relations of a metric. */
function relationsOf(metric: Metric, history: History): Relations {
  const contributionsOf = ownContributions[metric]
  if (contributionsOf)
    return { contributionsOf: version => contributionsOf(history.versions[version]!.facts), enter() {}, leave() {} }
  if (metric === 'leadTimeForChange') return new FirstBringers(history)
  if (metric === 'promotionLeadTime') return new FirstArrivals(history)
  return new FailureKinds(history, metric === 'failedDeploymentRecoveryTime')
}

/** An application after some of its events. */
class KnownState {
  /** By deployment its current version; -1 if it is not known yet. */
  private readonly holding: Int32Array

  constructor(
    private readonly history: History,
    private readonly relations: Relations,
    private readonly periods: readonly Period[],
  ) {
    this.holding = new Int32Array(history.deployments.length).fill(-1)
  }

  /** Applies an event. @param touched receives the deployments whose contributions may have changed */
  apply({ version, ofIncident }: Step, touched?: Set<number>): void {
    const touch = touched && ((one: number) => void touched.add(this.history.versions[one]!.deployment))
    if (ofIncident) {
      this.relations.applyIncident?.(ofIncident, touch)
      return
    }
    const { deployment } = this.history.versions[version]!
    const before = this.holding[deployment]!
    if (before >= 0) this.relations.leave(before, touch)
    this.holding[deployment] = version
    this.relations.enter(version, touch)
  }

  heldBy(deployment: number): Held | undefined {
    const version = this.holding[deployment]!
    if (version < 0 || !this.history.deployments[deployment]!.isCounted) return undefined
    const { here, status, finish } = this.history.versions[version]!.facts
    const period = here && status !== 'PENDING' ? periodOf(this.periods, finish) : undefined
    return period === undefined ? undefined : { period, contributions: this.relations.contributionsOf(version) }
  }
}

/** The difference of two multisets of contributions. */
function less(contributions: readonly Contribution[], others: readonly Contribution[]): Contribution[] {
  const counts = new Map<string, number>()
  const keyOf = ([contribution, value]: Contribution) => `${contribution} ${value}`
  for (const contribution of others) counts.set(keyOf(contribution), (counts.get(keyOf(contribution)) ?? 0) + 1)
  return contributions.filter(contribution => {
    const count = counts.get(keyOf(contribution)) ?? 0
    counts.set(keyOf(contribution), count - 1)
    return count <= 0
  })
}
