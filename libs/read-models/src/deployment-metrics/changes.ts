import { parseInstant } from '#libs/contracts'
import type { Answer, Page } from '../answer.js'
import { decodeCursor, encodeCursor } from '../cursor.js'
import { groupBy } from '../group-by.js'
import type { Query } from '../query.js'
import { keyOf, knownParts, lateEvents, type Knowing, type LateEvent } from './known-parts.js'
import type { Metric } from './metrics.js'
import { figureOf, type Part } from './part-figures.js'
import { changedPeriods, type ChangedPeriod, type ChangesRequest } from './period-parts.js'

/** An application whose parts in a period have changed, and whose events may have done it. */
interface Suspect {
  period: number
  application: string
  /** What it was known to be at the first of `times`, and at the last one. */
  ends: [Part[], Part[]]
  times: number[]
}

/** Parts that have changed at a time. */
interface Change extends Knowing {
  period: number
  before: Part[]
  after: Part[]
}

/**
 * Past periods whose figure has changed since it was known at `since` (of a period that was not past then: since its end), from what to what,
 * the earliest first; and the events that have changed it, each with the figure just before it was known and after. What several events of
 * an application change that were known at the same time, they have changed together; what is as before after some events was not changed by
 * them. A page may be shorter than `limit`, also where another one follows. Throws InvalidCursor.
 */
export async function changesPage(query: Query, request: ChangesRequest): Promise<Answer<Page>> {
  const { metric, environment, application, since, bucket, timezone, cursor } = request
  const list = { list: 'changes', metric, environment, application, since, bucket, timezone }
  const after = cursor === undefined ? undefined : decodeCursor(cursor, list, isStart)[0]
  const { periods, more, positions } = await changedPeriods(query, request, after)
  const events = await lateOnes(query, request, periods)
  const changes = await findChanges(query, request, periods, suspectsOf(periods, events))
  const known = groupBy(events, keyOf)
  const shown = periods.map((period, index) => {
    const own = changes.filter(change => change.period === index)
    return shownPeriod(metric, period, own, known)
  })
  const json = JSON.stringify(shown.filter(({ from, to }) => JSON.stringify(from) !== JSON.stringify(to)))
  return { body: { json, ...(more !== undefined && { next: encodeCursor(list, [more]) }) }, positions }
}

function isStart(place: unknown[]): place is [string] {
  return place.length === 1 && typeof place[0] === 'string' && parseInstant(place[0]) !== undefined
}

const changed = (a: Part[], b: Part[]) => JSON.stringify(a) !== JSON.stringify(b)

function changedIn({ applications }: ChangedPeriod) {
  return applications.filter(({ before, now }) => changed(before, now))
}

async function lateOnes(query: Query, request: ChangesRequest, periods: ChangedPeriod[]): Promise<LateEvent[]> {
  const applications = new Set(periods.flatMap(changedIn).map(({ application }) => application))
  if (applications.size === 0) return []
  return lateEvents(query, request, [...applications], Math.min(...periods.map(({ knownMs }) => knownMs)))
}

function suspectsOf(periods: ChangedPeriod[], events: LateEvent[]): Suspect[] {
  const byApplication = groupBy(events, ({ application }) => application)
  return periods.flatMap((period, index) =>
    changedIn(period).map(({ application, before, now }) => {
      const known = (byApplication.get(application) ?? []).filter(({ knownMs }) => knownMs > period.knownMs)
      const times = [...new Set([period.knownMs, ...known.map(({ knownMs }) => knownMs)])]
      return { period: index, application, ends: [before, now], times }
    }),
  )
}

/** Between two times at which the parts differ there is one at which they changed: halves the stretch until that is found. */
async function findChanges(
  query: Query,
  request: ChangesRequest,
  periods: ChangedPeriod[],
  suspects: Suspect[],
): Promise<Change[]> {
  const changes: Change[] = []
  let open = suspects
  while (open.length > 0) {
    for (const { period, application, ends, times } of open.filter(({ times }) => times.length === 2)) {
      changes.push({ period, application, knownMs: times[1]!, before: ends[0], after: ends[1] })
    }
    const halved = open.filter(({ times }) => times.length > 2)
    const middles = new Map(halved.map(middleOf).map(middle => [keyOf(middle), middle]))
    if (middles.size === 0) break
    const known = await knownParts(query, request, periods, [...middles.values()])
    open = halved
      .flatMap(suspect => halvesOf(suspect, known.get(keyOf(middleOf(suspect)))![suspect.period]!))
      .filter(({ ends: [before, after] }) => changed(before, after))
  }
  return changes.toSorted((a, b) => a.knownMs - b.knownMs)
}

function middleOf({ application, times }: Suspect): Knowing {
  return { application, knownMs: times[times.length >> 1]! }
}

function halvesOf(suspect: Suspect, middle: Part[]): Suspect[] {
  const { ends, times } = suspect
  const half = times.length >> 1
  return [
    { ...suspect, ends: [ends[0], middle], times: times.slice(0, half + 1) },
    { ...suspect, ends: [middle, ends[1]], times: times.slice(half) },
  ]
}

/** Walks from what was known to what is, change by change. @param known the events, by `keyOf` */
function shownPeriod(metric: Metric, period: ChangedPeriod, changes: Change[], known: Map<string, LateEvent[]>) {
  const state = new Map(period.applications.map(({ application, before }) => [application, before]))
  const figure = () => figureOf(metric, [...state.values()].flat(), period.days)
  const from = figure()
  let to = from
  const shown = changes.flatMap(change => {
    const before = to
    state.set(change.application, change.after)
    to = figure()
    return (known.get(keyOf(change)) ?? []).map(event => ({ ...event.shown, from: before, to }))
  })
  return { start: period.start, end: period.end, from, to, events: shown }
}
