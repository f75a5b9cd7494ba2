import type { Contribution, ContributionChange, ContributionDifference } from './relations.js'
import type { Period } from './periods.js'
import { compareKeys, type EventKey } from './version.js'

/** Periods of which changes are kept: a page has no more. */
const MOST_PERIODS = 64
/** Changes of a period that are kept beyond those that are wanted, until they are sorted and cut. */
const UNSORTED = 2000

/** A period whose parts have changed since they were known. */
export class ChangedPeriod {
  /** The parts as they were known, and as they were behind the cursor, less the parts that there are now. */
  readonly before: ContributionDifference = new Map()
  readonly atCursor: ContributionDifference = new Map()
  private changes: ContributionChange[] = []
  private cutAt?: EventKey

  /** @param limit changes at most; @param cursor the event behind which they begin */
  constructor(
    readonly index: number,
    private readonly limit: number,
    private readonly cursor?: EventKey,
  ) {}

  take(change: ContributionChange): void {
    const { event, removed, added } = change
    const isPresented = !this.cursor || compareKeys(event, this.cursor) > 0
    // What a change took away was known before it, and what it added was not.
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

  /** The first changes in the order of their events, and the event that they end behind where more follow. */
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

/** The earliest periods whose parts have changed. */
export class ChangedPeriods {
  private readonly byIndex = new Map<number, ChangedPeriod>()
  /** From this period on nothing is kept. */
  private leftOut = Infinity

  /** @param periods those that are asked about, in order; @param limit changes of a period; @param cursor where in the first one they begin */
  constructor(
    private readonly periods: readonly Period[],
    private readonly limit: number,
    private readonly cursor?: EventKey,
  ) {}

  /** Whether later periods may have changed too. */
  get more(): boolean {
    return this.leftOut < Infinity
  }

  /** Takes a change of the parts of a period, unless it was known when the period was. */
  take(index: number, change: ContributionChange): void {
    if (change.event.knownMs > this.periods[index]!.knownMs) this.at(index)?.take(change)
  }

  /** Adds those of an application, without the periods that are as they were known. */
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
