import type { Relations, Touch, Contribution } from './relations.js'
import { isCancelled, succeededHere, type Facts, type History } from './version.js'
import { orderBy, type VersionOrder } from './version-order.js'

/** Failures: deployments that failed, were marked or reported as rolled back, or were undone by the next success; and the recovery of their slot. */
export class FailureKinds implements Relations {
  /** Successes by start: of the slot, and of each tag. */
  private readonly starts: VersionOrder
  private readonly startsOfTag: VersionOrder
  private readonly finishes: VersionOrder
  /** The same order as `finishes`, with only successes, so that the next success of any version can be found. */
  private readonly successes: VersionOrder
  /** By deployment: how many deployments report to undo it. */
  private readonly naming = new Map<string, number>()
  /** By deployment: its current version. */
  private readonly holding = new Map<string, number>()

  constructor(
    private readonly history: History,
    private readonly withRecovery: boolean,
  ) {
    this.starts = orderBy('start', history, facts => (succeededHere(facts) ? [''] : []))
    this.startsOfTag = orderBy('start', history, facts => (succeededHere(facts) ? [facts.tag] : []))
    const ofSlot = ({ here, status }: Facts) => (withRecovery && here && status !== 'PENDING' ? [''] : [])
    this.finishes = orderBy('finish', history, ofSlot)
    this.successes = orderBy('finish', history, ofSlot)
  }

  contributionsOf(version: number): Contribution[] {
    if (isCancelled(this.history.versions[version]!.facts)) return []
    const kind = this.failureKindOf(version)
    if (!this.withRecovery) return [[kind ?? 'counted', null]]
    if (kind === undefined) return []
    const recovery = this.successes.after(version)
    if (recovery === undefined) return [['open', null]]
    const { versions } = this.history
    return [['recovered', versions[recovery]!.facts.finish - versions[version]!.facts.finish]]
  }

  enter(version: number, touch?: Touch): void {
    this.holding.set(this.idOf(version), version)
    this.change(version, 'enter', touch)
  }

  leave(version: number, touch?: Touch): void {
    this.holding.delete(this.idOf(version))
    this.change(version, 'leave', touch)
  }

  private idOf(version: number): string {
    return this.history.deployments[this.history.versions[version]!.deployment]!.id
  }

  private failureKindOf(version: number): Contribution[0] | undefined {
    const { status } = this.history.versions[version]!.facts
    if (status === 'FAILED') return 'failed'
    if (status === 'ROLLED_BACK' || (this.naming.get(this.idOf(version)) ?? 0) > 0) return 'rolledBackReported'
    return this.isReplacedByOlder(version) ? 'rolledBackInferred' : undefined
  }

  private isReplacedByOlder(version: number): boolean {
    const { versions } = this.history
    const next = this.starts.after(version)
    if (next === undefined || versions[next]!.facts.rollbackOf !== undefined) return false
    const [own, others] = [version, next].map(each => this.startsOfTag.first(versions[each]!.facts.tag)!)
    return this.starts.rankOf(others!) < this.starts.rankOf(own!)
  }

  private change(version: number, change: 'enter' | 'leave', touch?: Touch): void {
    const { facts } = this.history.versions[version]!
    this.finishes[change](version)
    if (facts.rollbackOf !== undefined && succeededHere(facts) && facts.rollbackOf !== this.idOf(version)) {
      this.naming.set(facts.rollbackOf, (this.naming.get(facts.rollbackOf) ?? 0) + (change === 'enter' ? 1 : -1))
      const named = this.holding.get(facts.rollbackOf)
      if (named !== undefined) touch?.(named)
    }
    if (!succeededHere(facts)) return
    const first = this.startsOfTag.first(facts.tag)
    for (const order of [this.starts, this.startsOfTag, this.successes]) order[change](version)
    if (!touch) return
    this.touchTag(first, this.startsOfTag.first(facts.tag), touch)
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
    const isFirst = (one: number) => this.startsOfTag.first(this.history.versions[one]!.facts.tag) === one
    let between = this.starts.after(from)
    while (between !== undefined && between !== to && !isFirst(between)) between = this.starts.after(between)
    return between !== to
  }

  private touchReplaced(version: number, touch: Touch): void {
    const replaced = this.starts.before(version)
    if (replaced !== undefined) touch(replaced)
  }

  /** Failures that finished since the previous success recover with a success. */
  private touchRecovered(version: number, touch: Touch): void {
    const last = this.successes.before(version)
    for (let one = this.finishes.before(version); one !== undefined; one = this.finishes.before(one)) {
      touch(one)
      if (one === last) return
    }
  }
}
