import type { Relations, Touch, Contribution } from './relations.js'
import { isCancelled, succeededHere, type Facts, type History } from '../known/version.js'
import { IncidentOwners, type IncidentSpan } from '../known/incident-owners.js'
import type { IncidentEvent } from '../known/known-incidents.js'
import { orderBy, type VersionOrder } from '../known/version-order.js'

const tagOf = ({ environment, tag }: Facts) => JSON.stringify([environment, tag])

/**
 * Failures: deployments that failed, were marked or reported as rolled back, were undone by the next success, or had an incident; and the
 * recovery of their slot: each in its own environment.
 */
export class FailureKinds implements Relations {
  /** Successes by start: of the slot, and of each tag. */
  private readonly starts: VersionOrder
  private readonly startsOfTag: VersionOrder
  private readonly finishes: VersionOrder
  /** The same order as `finishes`, with only successes, so that the next success of any version can be found. */
  private readonly successes: VersionOrder
  /** By environment and deployment: how many deployments of that environment report to undo it. */
  private readonly naming = new Map<string, number>()
  /** By deployment: its current version. */
  private readonly holding = new Map<string, number>()
  private readonly incidents: IncidentOwners
  /** Current versions with an open incident, and its start. */
  private readonly open = new Map<number, number>()
  /** Of the change that is being applied. */
  private touch?: Touch

  constructor(
    private readonly history: History,
    private readonly withRecovery: boolean,
  ) {
    this.starts = orderBy('start', history, facts => (succeededHere(facts) ? [facts.environment] : []))
    this.startsOfTag = orderBy('start', history, facts => (succeededHere(facts) ? [tagOf(facts)] : []))
    const ofSlot = ({ here, environment, status }: Facts) =>
      withRecovery && here && status !== 'PENDING' ? [environment] : []
    this.finishes = orderBy('finish', history, ofSlot)
    this.successes = orderBy('finish', history, ofSlot)
    this.incidents = new IncidentOwners(history, version => this.noteIncidents(version))
  }

  contributionsOf(version: number): Contribution[] {
    const { facts } = this.history.versions[version]!
    if (isCancelled(facts)) return []
    const incidents = facts.succeeded ? this.incidents.spanOf(version) : undefined
    const kind = this.failureKindOf(version) ?? (incidents && 'incidents')
    if (!this.withRecovery) return [[kind ?? 'counted', null]]
    if (kind === undefined) return []
    const failed = kind === 'incidents' ? incidents!.start : this.finishOf(version)
    const recovered = kind === 'incidents' ? this.incidentRecovery(version, incidents!) : this.nextSuccess(version)
    return recovered === undefined ? [['open', null]] : [['recovered', recovered - failed]]
  }

  private finishOf(version: number): number {
    return this.history.versions[version]!.facts.finish
  }

  private nextSuccess(version: number): number | undefined {
    const next = this.successes.after(version)
    return next === undefined ? undefined : this.finishOf(next)
  }

  /** When the last incident was resolved, or while one is open, the finish of the next success after the start of the first one. */
  private incidentRecovery(version: number, { start, resolved }: IncidentSpan): number | undefined {
    if (resolved !== undefined) return resolved
    if (this.finishOf(version) > start) return this.nextSuccess(version)
    const next = this.successes.firstAfter(this.history.versions[version]!.facts.environment, start)
    return next === undefined ? undefined : this.finishOf(next)
  }

  applyIncident({ incident, version }: IncidentEvent, touch?: Touch): void {
    this.touch = touch
    this.incidents.apply(incident, version, this.holding)
  }

  private noteIncidents(version: number): void {
    const span = this.incidents.spanOf(version)
    if (span && span.resolved === undefined) this.open.set(version, span.start)
    else this.open.delete(version)
    this.touch?.(version)
  }

  enter(version: number, touch?: Touch): void {
    this.holding.set(this.idOf(version), version)
    this.change(version, 'enter', touch)
    this.touch = touch
    this.incidents.enter(version)
    this.noteIncidents(version)
  }

  leave(version: number, touch?: Touch): void {
    this.holding.delete(this.idOf(version))
    this.change(version, 'leave', touch)
    this.touch = touch
    this.incidents.leave(version)
    this.open.delete(version)
  }

  private idOf(version: number): string {
    return this.history.deployments[this.history.versions[version]!.deployment]!.id
  }

  private failureKindOf(version: number): Contribution[0] | undefined {
    const { status, environment } = this.history.versions[version]!.facts
    if (status === 'FAILED') return 'failed'
    if (status === 'ROLLED_BACK' || (this.naming.get(`${environment} ${this.idOf(version)}`) ?? 0) > 0)
      return 'rolledBackReported'
    return this.isReplacedByOlder(version) ? 'rolledBackInferred' : undefined
  }

  private isReplacedByOlder(version: number): boolean {
    const { versions } = this.history
    const next = this.starts.after(version)
    if (next === undefined || versions[next]!.facts.rollbackOf !== undefined) return false
    const [own, others] = [version, next].map(each => this.startsOfTag.first(tagOf(versions[each]!.facts))!)
    return this.starts.rankOf(others!) < this.starts.rankOf(own!)
  }

  private change(version: number, change: 'enter' | 'leave', touch?: Touch): void {
    const { facts } = this.history.versions[version]!
    this.finishes[change](version)
    if (facts.rollbackOf !== undefined && succeededHere(facts) && facts.rollbackOf !== this.idOf(version)) {
      const key = `${facts.environment} ${facts.rollbackOf}`
      this.naming.set(key, (this.naming.get(key) ?? 0) + (change === 'enter' ? 1 : -1))
      const named = this.holding.get(facts.rollbackOf)
      if (named !== undefined) touch?.(named)
    }
    if (!succeededHere(facts)) return
    const first = this.startsOfTag.first(tagOf(facts))
    for (const order of [this.starts, this.startsOfTag, this.successes]) order[change](version)
    if (!touch) return
    this.touchTag(first, this.startsOfTag.first(tagOf(facts)), touch)
    this.touchReplaced(version, touch)
    if (this.withRecovery) this.touchRecovered(version, touch)
  }

  /** The first success of a tag affects all of its deployments and those that they replaced, if it moves past that of another tag. */
  private touchTag(before: number | undefined, now: number | undefined, touch: Touch): void {
    if (before === undefined || now === undefined || before === now || !this.haveFirstBetween(before, now)) return
    for (let one: number | undefined = now; one !== undefined; one = this.startsOfTag.after(one)) {
      touch(one)
      this.touchReplaced(one, touch)
    }
  }

  private haveFirstBetween(a: number, b: number): boolean {
    const [from, to] = this.starts.rankOf(a) < this.starts.rankOf(b) ? [a, b] : [b, a]
    const isFirst = (one: number) => this.startsOfTag.first(tagOf(this.history.versions[one]!.facts)) === one
    let between = this.starts.after(from)
    while (between !== undefined && between !== to && !isFirst(between)) between = this.starts.after(between)
    return between !== to
  }

  private touchReplaced(version: number, touch: Touch): void {
    const replaced = this.starts.before(version)
    if (replaced !== undefined) touch(replaced)
  }

  /** Failures that finished, and open incidents that started, since the previous success recover with a success. */
  private touchRecovered(version: number, touch: Touch): void {
    const last = this.successes.before(version)
    const [from, until] = [last === undefined ? -Infinity : this.finishOf(last), this.finishOf(version)]
    for (const [one, start] of this.open) if (start >= from && start < until) touch(one)
    for (let one = this.finishes.before(version); one !== undefined; one = this.finishes.before(one)) {
      touch(one)
      if (one === last) return
    }
  }
}
