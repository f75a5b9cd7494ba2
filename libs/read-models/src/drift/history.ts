import type { DriftDay, DriftHistory } from '#libs/api'
import { formatInstant } from '#libs/contracts'
import type { QueryResult } from '../sql/query-result.js'
import { bucketsSql } from '../metrics/definition/metric-values.js'
import type { Interval } from '../deployment/interval/step-function.js'
import type { AsOf } from '../sql/as-of.js'
import { statement, type Query } from '#libs/postgres'
import { DAY_MS, defaultFrom } from '../sql/window.js'
import { comparedParts } from './compared.js'
import type { ComparedApplication } from './comparison.js'
import { driftScope } from './scope.js'
import { differenceOf, differingSpans, stateOf } from './evaluate.js'
import type { DriftResponse } from './queries.js'
import { readAll } from './readings.js'
import { intervalAt, type Reading, type SlotTimeline } from './slot-timeline.js'

/** Maximum number of days in a response: about twenty years. */
const MOST_DAYS = 7320

export interface DriftHistoryRequest extends AsOf {
  tenant: string
  /** Any names of the environments; aliases resolve. */
  source: string
  target: string
  application?: string
  /** RFC 3339; days that [from, to) touches. */
  from?: string
  to?: string
  /** An IANA time zone. */
  timezone: string
}

/** A day, until the start of the next one, or until directly after now; milliseconds since 1970. */
interface Day {
  date: string
  until: number
}

/** No days, or too many. */
export class InvalidDays extends Error {
  override name = 'InvalidDays'
}

/**
 * The number of applications that differed between two environments, day by day, without future days. The statements must see one snapshot.
 * Throws InvalidDays.
 */
export async function driftHistory(
  query: Query,
  request: DriftHistoryRequest,
): Promise<QueryResult<DriftResponse<DriftHistory>>> {
  const { tenant, application, asOf, knownAt, timezone, ...named } = request
  const head = await driftScope(query, { tenant, named: [named.source, named.target], asOf, knownAt })
  const { unknown, environments, at, positions } = head
  if (unknown.length > 0) return { body: { unknown }, positions }
  const to = named.to === undefined ? at : Date.parse(named.to)
  const from = named.from === undefined ? defaultFrom(to) : Date.parse(named.from)
  if (from >= to) throw new InvalidDays('is not before `to`')
  if (to - from > MOST_DAYS * DAY_MS) throw new InvalidDays(`is more than ${MOST_DAYS} days before \`to\``)
  const days = await daysOf(query, { from, to, at, timezone })
  const [first] = days
  const counted = days.map(({ date }): DriftDay => ({ date, applications: 0, differing: 0 }))
  if (first) {
    const comparison = { tenant, environments, application, asOf: head.asOf, knownAt }
    for await (const part of comparedParts(query, comparison, { alsoIdle: true })) {
      const readings = part.map(one => timelinesSince(one, first.until))
      for (const timelines of await readAll(query, tenant, readings)) count(timelines, days, counted, at)
    }
  }
  const [source, target] = environments as [string, string]
  const [presentedFrom, presentedTo] = [from, to].map(instant => formatInstant(new Date(instant))) as [string, string]
  const drift = { source, target, from: presentedFrom, to: presentedTo, timezone, asOf: head.asOf, days: counted }
  return { body: { drift }, positions }
}

async function daysOf(
  query: Query,
  { from, to, at, timezone }: { from: number; to: number; at: number; timezone: string },
): Promise<Day[]> {
  const [first, last] = [from, to].map(instant => new Date(instant).toISOString())
  return query<Day>(statement('days of a drift history', DAYS, { from: first, to: last, at, timezone }))
}

const DAYS = `
  SELECT to_char(start AT TIME ZONE $timezone, 'YYYY-MM-DD') AS date, least($at::float8 + 1, milliseconds(until)) AS until
  FROM (${bucketsSql('day', '$from', '$to', '$timezone::text')}) day
  WHERE milliseconds(start) <= $at::float8 ORDER BY start`

/** Both timelines, read back to the start of the span in which they differed directly before an instant. */
function* timelinesSince({ timelines }: ComparedApplication, instant: number): Reading<[SlotTimeline, SlotTimeline]> {
  const newer: Interval[][] = []
  const before: SlotTimeline[] = []
  for (const timeline of timelines) {
    let n = 0
    for (
      let interval = yield* intervalAt(timeline, n);
      interval && interval.from >= instant;
      interval = yield* intervalAt(timeline, n)
    )
      n++
    newer.push(timeline.intervals.slice(0, n))
    before.push({ ...timeline, intervals: timeline.intervals.slice(n) })
  }
  const [source, target] = before as [SlotTimeline, SlotTimeline]
  const state = stateOf(source, target)
  if (state !== undefined && state !== 'same') yield* differenceOf(source, target)
  return before.map((timeline, n) => ({ ...timeline, intervals: [...newer[n]!, ...timeline.intervals] })) as [
    SlotTimeline,
    SlotTimeline,
  ]
}

function count(timelines: [SlotTimeline, SlotTimeline], days: readonly Day[], counted: DriftDay[], at: number): void {
  const [inSource, inTarget] = timelines.map(({ intervals }) => intervals.toReversed()) as [Interval[], Interval[]]
  const spans = differingSpans(...timelines)
  let [s, t, n] = [0, 0, 0]
  for (const [index, { until }] of days.entries()) {
    while (s < inSource.length && inSource[s]!.from < until) s++
    while (t < inTarget.length && inTarget[t]!.from < until) t++
    while (n < spans.length && spans[n]!.until < until) n++
    if (!inSource[s - 1]?.active && !inTarget[t - 1]?.active) continue
    const day = counted[index]!
    day.applications++
    const span = spans[n]
    if (!span || span.since >= until) continue
    day.differing++
    day.longestSeconds = Math.max(day.longestSeconds ?? 0, (Math.min(until, at) - span.since) / 1000)
  }
}
