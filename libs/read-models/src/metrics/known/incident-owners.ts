import type { KnownIncident } from './known-incidents.js'
import { activeUntil, succeededHere, type History } from './version.js'
import { orderBy, type VersionOrder } from './version-order.js'

/** The incidents of a deployment: from its first start on, until all of them are resolved. */
export interface IncidentSpan {
  start: number
  /** When the last one was resolved; `undefined` while one is open. */
  resolved: number | undefined
}

/**
 * To which deployments incidents belong, one event at a time: the named one, else the current version that was active when they started. An
 * index of `History.incidents` is an incident, one of `History.versions` a version.
 */
export class IncidentOwners {
  private readonly incidents: readonly KnownIncident[]
  /** Of those that name no deployment, by start. */
  private readonly inOrder: readonly number[]
  private readonly starts: VersionOrder
  private readonly isOpened: boolean[] = []
  private readonly isResolved: boolean[] = []
  /** By incident that names no deployment: the version to which it belongs, unless that was removed before. */
  private readonly owners = new Map<number, number>()
  /** By version the incidents that belong to it so; by deployment those that name it. */
  private readonly owned = new Map<number, Set<number>>()
  private readonly naming = new Map<string, Set<number>>()

  /** @param changed receives the versions whose incidents have changed */
  constructor(
    private readonly history: History,
    private readonly changed: (version: number) => void,
  ) {
    this.incidents = history.incidents
    const slots = this.incidents.flatMap(({ named }, incident) => (named === undefined ? [incident] : []))
    this.inOrder = slots.toSorted((a, b) => this.incidents[a]!.start - this.incidents[b]!.start)
    this.starts = orderBy('start', history, facts => (succeededHere(facts) ? [facts.environment] : []))
  }

  /** The incidents of the deployment of a current version; `undefined` without any. */
  spanOf(version: number): IncidentSpan | undefined {
    const { removed = Infinity } = this.history.versions[version]!.facts
    const owned = [...(this.owned.get(version) ?? [])].filter(incident => this.incidents[incident]!.start < removed)
    const own = [...owned, ...(this.naming.get(this.idOf(version)) ?? [])]
    if (own.length === 0) return undefined
    let [start, resolved]: [number, number | undefined] = [Infinity, -Infinity]
    for (const incident of own) {
      start = Math.min(start, this.incidents[incident]!.start)
      if (!this.isResolved[incident]) resolved = undefined
      else if (resolved !== undefined) resolved = Math.max(resolved, this.incidents[incident]!.resolved!.at)
    }
    return { start, resolved }
  }

  /** Opens or resolves an incident. @param holding by deployment its current version */
  apply(incident: number, version: number, holding: ReadonlyMap<string, number>): void {
    const { named, environment, start } = this.incidents[incident]!
    if (version === 1) this.isOpened[incident] = true
    else this.isResolved[incident] = true
    if (named === undefined) {
      if (version === 1) this.assign(incident, this.activeAt(environment, start))
      else this.note(this.owners.get(incident))
      return
    }
    if (version === 1) setOf(this.naming, named).add(incident)
    this.note(holding.get(named))
  }

  enter(version: number): void {
    const { facts } = this.history.versions[version]!
    if (!succeededHere(facts)) return
    this.starts.enter(version)
    const until = activeUntil(facts)
    for (let n = this.firstFrom(facts.finish); n < this.inOrder.length; n++) {
      const incident = this.inOrder[n]!
      if (this.incidents[incident]!.start >= until) return
      if (!this.isOpened[incident] || this.incidents[incident]!.environment !== facts.environment) continue
      const owner = this.owners.get(incident)
      if (owner === undefined || this.starts.rankOf(owner) < this.starts.rankOf(version)) this.assign(incident, version)
    }
  }

  leave(version: number): void {
    if (!succeededHere(this.history.versions[version]!.facts)) return
    this.starts.leave(version)
    // Each leaves the set in its turn.
    for (const incident of this.owned.get(version) ?? []) {
      const { environment, start } = this.incidents[incident]!
      this.assign(incident, this.activeAt(environment, start))
    }
  }

  private idOf(version: number): string {
    return this.history.deployments[this.history.versions[version]!.deployment]!.id
  }

  private activeAt(environment: string, at: number): number | undefined {
    for (let one = this.starts.last(environment, at); one !== undefined; one = this.starts.before(one)) {
      const { facts } = this.history.versions[one]!
      if (facts.finish <= at && at < activeUntil(facts)) return one
    }
    return undefined
  }

  private assign(incident: number, owner: number | undefined): void {
    const before = this.owners.get(incident)
    if (before === owner) return
    if (before !== undefined) this.owned.get(before)!.delete(incident)
    if (owner === undefined) this.owners.delete(incident)
    else {
      this.owners.set(incident, owner)
      setOf(this.owned, owner).add(incident)
    }
    this.note(before)
    this.note(owner)
  }

  private note(version: number | undefined): void {
    if (version !== undefined) this.changed(version)
  }

  /** The first place in `inOrder` of an incident that started then or later. */
  private firstFrom(at: number): number {
    let [from, to] = [0, this.inOrder.length]
    while (from < to) {
      const middle = (from + to) >>> 1
      if (this.incidents[this.inOrder[middle]!]!.start < at) from = middle + 1
      else to = middle
    }
    return from
  }
}

function setOf<Key>(map: Map<Key, Set<number>>, key: Key): Set<number> {
  const set = map.get(key) ?? new Set()
  map.set(key, set)
  return set
}
