import type { Contribution, ContributionChange, ContributionDifference } from './relations.js'
import type { Period } from './periods.js'
import { compareKeys, type EventKey } from '../known/event-key.js'

/** Number of periods whose changes are kept, the maximum of a page. */
const MOST_PERIODS = 64
/** Number of excess changes of a period before they are sorted and cut. */
const UNSORTED = 2000

/** A period whose contributions have changed since they were known. */
export class ChangedPeriod {
  /** Contributions as known, and at the cursor, minus the current ones. */
  readonly before: ContributionDifference = new Map()
  readonly atCursor: ContributionDifference = new Map()
  private changes: ContributionChange[] = []
  private cutAt?: EventKey

  /**
   * @param limit maximum number of changes
   * @param cursor event after which they start
   */
  constructor(
    readonly index: number,
    private readonly limit: number,
    private readonly cursor?: EventKey,
  ) {}

  take(change: ContributionChange): void {
    const { event, removed, added } = change
    const isPresented = !this.cursor || compareKeys(event, this.cursor) > 0
    // What a change removed was known before it, and what it added was not.
    for (const difference of isPresented ? [this.before, this.atCursor] : [this.before]) {
      for (const contribution of removed) count(difference, contribution, 1)
      for (const contribution of added) count(difference, contribution, -1)
    }
    if (isPresented) this.keep([change])
  }

  /** Adds the same period of another application. */
  add(other: ChangedPeriod): void {
    for (const { contribution, count: number } of other.before.values()) count(this.before, contribution, number)
    for (const { contribution, count: number } of other.atCursor.values()) count(this.atCursor, contribution, number)
    const { changes, end } = other.first()
    if (end && (!this.cutAt || compareKeys(end, this.cutAt) < 0)) this.cutAt = end
    this.keep(changes)
  }

  /** The first changes in the order of their events, and the event at which they end if more follow. */
  first(): { changes: readonly ContributionChange[]; end?: EventKey } {
    const merged = mergedByEvent(this.changes.filter(({ event }) => this.isBeforeCut(event)))
    this.changes = merged.slice(0, this.limit)
    if (this.changes.length < merged.length) this.cutAt = this.changes.at(-1)!.event
    return { changes: this.changes, ...(this.cutAt && { end: this.cutAt }) }
  }

  private keep(changes: readonly ContributionChange[]): void {
    for (const change of changes) if (this.isBeforeCut(change.event)) this.changes.push(change)
    if (this.changes.length > this.limit + UNSORTED) this.first()
  }

  private isBeforeCut(event: EventKey): boolean {
    return !this.cutAt || compareKeys(event, this.cutAt) <= 0
  }
}

/** The earliest periods whose contributions have changed. */
export class ChangedPeriods {
  private readonly byIndex = new Map<number, ChangedPeriod>()
  /** Periods from this one on are ignored. */
  private leftOut = Infinity

  /**
   * @param periods the requested periods, in order
   * @param limit maximum number of changes of a period
   * @param cursor start within the first period
   */
  constructor(
    private readonly periods: readonly Period[],
    private readonly limit: number,
    private readonly cursor?: EventKey,
  ) {}

  /** Whether later periods may have changed as well. */
  get more(): boolean {
    return this.leftOut < Infinity
  }

  /** Adds a change of the contributions of a period, unless it was known in time. */
  take(index: number, change: ContributionChange): void {
    if (change.event.knownMs > this.periods[index]!.knownMs) this.at(index)?.take(change)
  }

  /** Adds the changed periods of an application. */
  add(application: ChangedPeriods): void {
    for (const period of application.byIndex.values()) if (period.before.size > 0) this.at(period.index)?.add(period)
    this.leaveOut(application.leftOut)
  }

  /** The periods in order of time. */
  earliest(): ChangedPeriod[] {
    return [...this.byIndex.values()].toSorted((a, b) => a.index - b.index)
  }

  private at(index: number): ChangedPeriod | undefined {
    if (index < this.leftOut && !this.byIndex.has(index)) {
      this.byIndex.set(index, new ChangedPeriod(index, this.limit, index === 0 ? this.cursor : undefined))
      if (this.byIndex.size > MOST_PERIODS) this.leaveOut(Math.max(...this.byIndex.keys()))
    }
    return this.byIndex.get(index)
  }

  private leaveOut(from: number): void {
    if (from >= this.leftOut) return
    this.leftOut = from
    for (const index of this.byIndex.keys()) if (index >= from) this.byIndex.delete(index)
  }
}

function count(difference: ContributionDifference, contribution: Contribution, by: number): void {
  const key = `${contribution[0]} ${contribution[1]}`
  const number = (difference.get(key)?.count ?? 0) + by
  if (number === 0) difference.delete(key)
  else difference.set(key, { contribution, count: number })
}

function mergedByEvent(changes: readonly ContributionChange[]): ContributionChange[] {
  const merged: (ContributionChange & { removed: Contribution[]; added: Contribution[] })[] = []
  for (const { event, removed, added } of changes.toSorted((a, b) => compareKeys(a.event, b.event))) {
    const last = merged.at(-1)
    if (last && compareKeys(last.event, event) === 0) {
      last.removed.push(...removed)
      last.added.push(...added)
    } else merged.push({ event, removed: [...removed], added: [...added] })
  }
  return merged
}
